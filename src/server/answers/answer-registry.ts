import { isDeepStrictEqual } from "node:util";
import type { CompletionRequest, MessageError, Usage } from "../../contract/completion.ts";
import type { AnswerSnapshot } from "../../contract/live-event.ts";
import type { ProviderEvent } from "../providers/provider.ts";

/** How an answer ended; all of it is committed by then. */
export interface AnswerOutcome {
  text: string;
  error: MessageError | null;
  /** A person or program stopped it; what had come is kept. */
  stopped: boolean;
  usage: Usage | null;
  /** Milliseconds from its beginning to its first text, reasoning included; null where none came. */
  firstTextMs: number | null;
  /** The provider's JSON reply where the caller asked for one and it came whole. */
  completion: Record<string, unknown> | null;
}

/** What the provider said first: that it answers, or why not (`status` is what a waiting caller gets). */
export type Upstream =
  | { ok: true }
  | { ok: false; status: number; detail: string; retryAfter?: string | undefined };

/** Somebody who reads the provider's events as they come. Must not throw and not wait. */
export type EventSink = (events: readonly ProviderEvent[]) => void;

/**
 * One answer in the making. Moves: started → (upstream) → ended → settled; a stop or a failure leads to ended too.
 * `upstream`, `ended` and `settled` always resolve, in that order, and never reject.
 */
export interface RunningAnswer {
  readonly taskId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly userId: string;
  readonly model: string;
  /** By the server's clock. */
  readonly beganAtMs: number;
  /** Another node makes it. */
  readonly isElsewhere: boolean;
  /** Whether a request asks for this very answer, and so joins it. */
  isAskedBy(request: CompletionRequest): boolean;
  /** By which another node tells whether a request asks for it. */
  fingerprint(): string;
  /** Readers of the provider's events; dropped when it ends. */
  readonly sinks: Set<EventSink>;
  readonly upstream: Promise<Upstream>;
  /** The final text, or the failure, is stored and told. */
  readonly ended: Promise<AnswerOutcome>;
  /**
   * Title, tags and follow-ups are stored and told too; the task is off the list. Resolves with the tokens that providers
   * counted for these; of one elsewhere with 0.
   */
  readonly settled: Promise<number>;
  /** The text so far, for somebody who joins now; of one elsewhere only once it is followed. */
  snapshot(): AnswerSnapshot;
  /** Tells the text so far, at once or when it has come from elsewhere, before all that is told of it later. */
  show(tell: (snapshot: AnswerSnapshot) => void): void;
  /** Resolves once `sinks`, `upstream` and `ended` say what they promise. @throws OffstageError `unavailable` */
  follow(): Promise<void>;
  /**
   * Ends it, keeping what has come; `ended` tells when that is done. With a reason it counts as broken off, not as
   * stopped by somebody.
   */
  stop(reason?: MessageError): void;
}

/** The answers that are being made now. */
export interface AnswerRegistry {
  add(answer: RunningAnswer): void;
  remove(answer: RunningAnswer): void;
  ofTask(taskId: string): RunningAnswer | undefined;
  ofMessage(chatId: string, messageId: string): RunningAnswer | undefined;
  ofChat(chatId: string): RunningAnswer[];
  ofUser(userId: string): RunningAnswer[];
  /** Those that this process makes. */
  allHere(): RunningAnswer[];
  allElsewhere(): RunningAnswer[];
  /** Who made the answer of a task is gone, and its message is ended: nobody waits for it any more. */
  forget(taskId: string): void;
  /** From now on no answer is begun. */
  close(): void;
  readonly isClosed: boolean;
}

export function createAnswerRegistry(): AnswerRegistry {
  let isClosed = false;
  const byTask = new Map<string, RunningAnswer>();
  const byChat = new Map<string, Set<RunningAnswer>>();
  return {
    add(answer) {
      byTask.set(answer.taskId, answer);
      const siblings = byChat.get(answer.chatId);
      if (siblings) siblings.add(answer);
      else byChat.set(answer.chatId, new Set([answer]));
    },
    remove(answer) {
      byTask.delete(answer.taskId);
      const siblings = byChat.get(answer.chatId);
      siblings?.delete(answer);
      if (siblings?.size === 0) byChat.delete(answer.chatId);
    },
    ofTask: (taskId) => byTask.get(taskId),
    ofMessage: (chatId, messageId) =>
      [...(byChat.get(chatId) ?? [])].find((answer) => answer.messageId === messageId),
    ofChat: (chatId) => [...(byChat.get(chatId) ?? [])],
    ofUser: (userId) => [...byTask.values()].filter((answer) => answer.userId === userId),
    allHere: () => [...byTask.values()].filter(({ isElsewhere }) => !isElsewhere),
    allElsewhere: () => [...byTask.values()].filter(({ isElsewhere }) => isElsewhere),
    forget() {},
    close() {
      isClosed = true;
    },
    get isClosed() {
      return isClosed;
    },
  };
}

/** Whether a request asks for the very answer that is running: the same body but for the session that waits for it. */
export function isSameRequest(a: CompletionRequest, b: CompletionRequest): boolean {
  return isDeepStrictEqual({ ...a, session_id: null }, { ...b, session_id: null });
}
