import type { ProblemCode } from "../chat-tree/index.ts";

/**
 * How much a finding matters. `breaks`: the web UI cannot open the chat or go on in it. `misleads`: it shows something
 * else than what happened. `note`: only programs can tell.
 */
export const SEVERITIES = ["breaks", "misleads", "note"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What may be wrong with a stored chat: its links, or what stands in it. */
export type FindingCode =
  | ProblemCode
  | "current_id_only"
  | "history_empty"
  | "lost_parent"
  | "hidden_answer"
  | "never_ended"
  | "model_error"
  | "missing_model"
  | "millisecond_timestamp"
  | "messages_behind"
  | "unreadable";

/** One thing that is wrong with a stored chat. */
export interface Finding {
  code: FindingCode;
  severity: Severity;
  /** The key of the message at fault; null where the chat itself is. */
  messageId: string | null;
  /** Says it to a person, ids included. */
  sentence: string;
  /** What would mend it. */
  mend: string;
}

/** How bad each problem of the links is for the web UI, and what would mend it. */
export const LINK_VERDICTS: Readonly<Record<ProblemCode, Pick<Finding, "severity" | "mend">>> = {
  missing_id: { severity: "breaks", mend: "Write the message's key as its id." },
  key_mismatch: { severity: "breaks", mend: "Write the message's key as its id." },
  missing_role: {
    severity: "breaks",
    mend: "Write its role: assistant under a user's message, user under an answer or at the root.",
  },
  missing_parent_id: {
    severity: "breaks",
    mend: "Write its parentId: null for a first message, else the message before it.",
  },
  missing_children_ids: {
    severity: "breaks",
    mend: "Write its childrenIds: the messages that name it as their parent, or an empty list.",
  },
  self_parent: { severity: "breaks", mend: "Set its parentId to null, or to the message that it answers." },
  cycle: { severity: "breaks", mend: "Set the parentId of the oldest message of the round to null." },
  unknown_parent: {
    severity: "breaks",
    mend: "Set its parentId to a message that is there, or to null.",
  },
  unknown_child: { severity: "breaks", mend: "Take the missing message out of its childrenIds." },
  missing_current: {
    severity: "breaks",
    mend: "Set history.currentId to the newest message without children.",
  },
  unknown_current: { severity: "breaks", mend: "Set history.currentId to a message that is there." },
  unlisted_child: { severity: "misleads", mend: "Add it to the childrenIds of its parent." },
  foreign_child: {
    severity: "misleads",
    mend: "Make it the child's parentId, or take the child out of its childrenIds.",
  },
  duplicate_child: { severity: "misleads", mend: "Name the child once in its childrenIds." },
};
