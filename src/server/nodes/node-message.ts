import type { AnswerSnapshot, LiveEvent } from "../../contract/live-event.ts";
import type { AnswerOutcome, Upstream } from "../answers/answer-registry.ts";
import type { IngestionProgress } from "../knowledge/ingestion/ingestion-parts.ts";
import type { QuotaKey } from "../store/quota-store.ts";

/** What the other nodes know of an answer that one of them makes. */
export interface AnswerFacts {
  taskId: string;
  chatId: string;
  messageId: string;
  userId: string;
  model: string;
  beganAtMs: number;
  /** Of the request that it answers. */
  fingerprint: string;
}

/** What servers on one database tell each other. Lists are whole: what they lack is not so any more. */
export type NodeMessage =
  /** Who starts, or has missed something, says this, and wants to be told the same by everybody. */
  | { type: "here"; isReplyWanted: boolean }
  | { type: "alive" }
  | { type: "gone" }
  | { type: "sessions"; list: [sessionId: string, userId: string][] }
  | { type: "session-joined"; sessionId: string; userId: string }
  | { type: "session-left"; sessionId: string }
  /** Asks whether a session is live; who has it says so by `session-joined`. */
  | { type: "session-sought"; sessionId: string }
  | { type: "event"; userId: string; event: LiveEvent }
  | { type: "user-forgotten"; userId: string }
  | { type: "setting-changed"; name: string }
  | { type: "models-changed" }
  | { type: "quota-changed"; key: QuotaKey }
  | { type: "answers"; list: AnswerFacts[] }
  | { type: "answer-began"; answer: AnswerFacts }
  | { type: "answer-settled"; taskId: string }
  | { type: "answer-stop"; taskId: string }
  /** Asks for the text so far, and for all that comes after it. */
  | { type: "answer-follow"; taskId: string }
  | { type: "answer-followed"; taskId: string; snapshot: AnswerSnapshot }
  | { type: "answer-upstream"; taskId: string; upstream: Upstream }
  /** The provider's events as they came. */
  | { type: "answer-events"; taskId: string; data: string[] }
  | { type: "answer-ended"; taskId: string; outcome: AnswerOutcome }
  /** Asks for the text so far, once. */
  | { type: "answer-look"; taskId: string }
  | { type: "answer-seen"; taskId: string; snapshot: AnswerSnapshot }
  | { type: "content-changed"; contentId: string; progress: IngestionProgress | null }
  | { type: "blob-deleted"; hash: string };

/** A message of one type. */
export type NodeMessageOf<Type extends NodeMessage["type"]> = Extract<NodeMessage, { type: Type }>;
