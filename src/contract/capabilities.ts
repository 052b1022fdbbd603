/** What calls tell of a server; each came with a release that changed what clients must do. */
export interface ProbedCapabilities {
  linkParent: boolean;
  linkMessage: boolean;
  serverTurns: boolean;
  historyMerge: boolean;
}

/** What is known of a server before the flow does anything, and all that it branches on. */
export interface CapabilityValues extends ProbedCapabilities {
  deleteMessage: boolean;
  syncSave: boolean;
  stopScope: "chat" | "task";
  knowledgeFilesPaged: boolean;
  parallelSafe: boolean;
  completedSettles: boolean;
}

/** Ways in which servers differ that nobody has to know before: every form is read, or none is relied on. */
export type UntoldCapability =
  | "textLocation"
  | "serverDone"
  | "errorMarksDone"
  | "errorsStored"
  | "errorShape"
  | "grows"
  | "duplicateGuard"
  | "eventName"
  | "eventPayload"
  | "asyncUpload"
  | "editGuard"
  | "builtinTools"
  | "chatAccessChecked"
  | "statelessOk"
  | "apiKeys";

export type CapabilityKey = keyof CapabilityValues | UntoldCapability;

/** One way in which servers differ. */
export interface Capability {
  readonly meaning: string;
  /** Why a client cares. */
  readonly why: string;
}

/** Found by a call that changes nothing and asks no model, unless another capability tells already. */
export interface ProbedCapability extends Capability {
  readonly found: "probed";
  /** A server that lacks this call lacks the capability. */
  readonly call: string;
  /** What tells without the call, where it can. */
  readonly from: string;
}

export interface FollowingCapability extends Capability {
  readonly found: "follows";
  readonly from: string;
}

/** `passive`: seen on the answer itself, whose every form is read. `unused`: never relied on. Neither has a value. */
export interface ValuelessCapability extends Capability {
  readonly found: "passive" | "unused";
  /** What is done whatever the server does. */
  readonly how: string;
}

const NAMED_BY_SERVER = "what the server calls itself";

/** Every way in which Open WebUI 0.6.15 to 0.12.4 were measured to differ, as far as it concerns clients. */
export const CAPABILITIES: Readonly<
  Record<keyof ProbedCapabilities, ProbedCapability> &
    Record<Exclude<keyof CapabilityValues, keyof ProbedCapabilities>, FollowingCapability> &
    Record<UntoldCapability, ValuelessCapability>
> = {
  serverTurns: {
    found: "probed",
    call: "POST /api/tasks/chat/{id}/stop",
    from: NAMED_BY_SERVER,
    meaning: "turns are the server's: one-call form, task_ids, saving without a session (0.9.0 on)",
    why: "yes: a chat is stopped by one call; no: task by task, and only sessions are saved",
  },
  historyMerge: {
    found: "probed",
    call: "DELETE /api/v1/chats/{id}/messages/{id}",
    from: "server_turns",
    meaning: "a post to a chat keeps the messages that it leaves out (0.10.0 on)",
    why: "yes: only what changed is posted; no: all of it, since what is left out is deleted",
  },
  linkMessage: {
    found: "probed",
    call: "GET /api/v1/knowledge/{id}/files",
    from: "server_turns",
    meaning: "completions understand parent_message (0.6.42 on)",
    why: "yes: the link to the question needs it; no: it would reach the provider",
  },
  linkParent: {
    found: "probed",
    call: "GET /api/v1/users/user/status",
    from: "link_message",
    meaning: "completions understand parent_id (0.6.41 on)",
    why: "yes: without it the answer loses its question; no: it would reach the provider",
  },
  deleteMessage: {
    found: "follows",
    from: "history_merge",
    meaning: "one message of a chat can be deleted by a call (0.10.0 on)",
    why: "no: a message is deleted by a post that leaves it out",
  },
  syncSave: {
    found: "follows",
    from: "server_turns",
    meaning: "a completion without a session is saved before it is answered (0.9.0 on)",
    why: "no: its answer would be lost, so the flow names a session everywhere",
  },
  stopScope: {
    found: "follows",
    from: "server_turns",
    meaning: "what one stop ends: all work of a chat, or a single task",
    why: "chat: plain users may not stop single tasks; task: there is no other stop",
  },
  parallelSafe: {
    found: "follows",
    from: "server_turns",
    meaning: "two completions may run at once in one chat (not from 0.9.0 to 0.11.4)",
    why: "no: answers may get lost, so those of one chat wait for each other",
  },
  knowledgeFilesPaged: {
    found: "follows",
    from: "link_message",
    meaning: "the files of a knowledge are listed by a call of their own (0.6.42 on)",
    why: "no: they stand in the knowledge itself",
  },
  completedSettles: {
    found: "follows",
    from: NAMED_BY_SERVER,
    meaning: "POST chat/completed waits for title, tags and follow-ups (offstage's server)",
    why: "yes: one call instead of looks at the task list",
  },
  textLocation: {
    found: "passive",
    how: "content is read, else the texts of output[]",
    meaning: "where an answer's text is stored: content, or output[] alone (0.10.x)",
    why: "who reads content alone waits for ever on 0.10.x",
  },
  serverDone: {
    found: "passive",
    how: "done, or text and no task in three looks",
    meaning: "the server marks answers that are final with done (0.8.x on)",
    why: "no: only the empty task list tells the end",
  },
  errorMarksDone: {
    found: "passive",
    how: "error is read whatever done says",
    meaning: "an answer that failed is marked with done too (0.11.4 on)",
    why: "who waits for done alone waits for ever after an error",
  },
  errorsStored: {
    found: "passive",
    how: "no text, no error and no task: lost, and asked again",
    meaning: "a provider that breaks off leaves an error with the message (0.6.43 on)",
    why: "no: such an answer ends without a sign",
  },
  errorShape: {
    found: "passive",
    how: "both are read",
    meaning: "errors are texts or objects",
    why: "people are told a sentence, not [object Object]",
  },
  grows: {
    found: "passive",
    how: "text is not final while a task is listed",
    meaning: "a chat that is read shows the text as it grows (0.11.4 on)",
    why: "half an answer looks like a whole one",
  },
  duplicateGuard: {
    found: "passive",
    how: "a 409 means: look at the chat; no id is asked for twice",
    meaning: "a second completion for an answered message is refused (0.12.4)",
    why: "no: the second answer is appended to the first",
  },
  eventName: {
    found: "passive",
    how: "both are listened to",
    meaning: "live events are called chat-events (before 0.6.36) or events",
    why: "who knows one name hears nothing under the other",
  },
  eventPayload: {
    found: "passive",
    how: "all are read; the stored chat decides",
    meaning: "live text comes whole in content, whole in output[], or as deltas",
    why: "text that is put together from events alone may be wrong",
  },
  asyncUpload: {
    found: "passive",
    how: "data.status is waited for where a file has one",
    meaning: "an upload is processed after its reply (0.6.43 on)",
    why: "a file that is asked about too early is refused or empty",
  },
  editGuard: {
    found: "unused",
    how: "nothing is written to a running answer",
    meaning: "edits of an answer that is not done are ignored (0.12.4)",
    why: "a check would have to write a chat",
  },
  builtinTools: {
    found: "unused",
    how: 'params.function_calling is "legacy" unless the caller says otherwise',
    meaning: "a session brings some 25 tools of the server's own to the model (0.10 on)",
    why: "they cost tokens, and may act",
  },
  chatAccessChecked: {
    found: "unused",
    how: "a chat is read with the same token first",
    meaning: "completions for foreign or unknown chats are refused (all of them: 0.12.4)",
    why: "no: the answer is lost, or lands in somebody else's chat",
  },
  statelessOk: {
    found: "unused",
    how: "the flow always names a chat",
    meaning: "a completion without a chat is answered (not on 0.9.5)",
    why: "no: it is refused with an error that explains nothing",
  },
  apiKeys: {
    found: "unused",
    how: "a JWT, a key and credentials all do",
    meaning: "users may have API keys (by the server's settings)",
    why: "no: a JWT may expire, so credentials are what lasts",
  },
};

/** All values, from those that were looked for. `isOffstage`: the server is offstage's own. */
export function deriveCapabilities(probed: ProbedCapabilities, isOffstage: boolean): CapabilityValues {
  const { linkMessage, serverTurns, historyMerge } = probed;
  return {
    ...probed,
    deleteMessage: historyMerge,
    syncSave: serverTurns,
    stopScope: serverTurns ? "chat" : "task",
    knowledgeFilesPaged: linkMessage,
    // Those of 0.9.0 to 0.11.4 are not, and the later ones look the same.
    parallelSafe: isOffstage || !serverTurns,
    completedSettles: isOffstage,
  };
}

/** A capability's name in reports: `link_parent`. */
export function capabilityName(key: CapabilityKey): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
