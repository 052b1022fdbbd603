import type { MessageError, Usage } from "./completion.ts";

/**
 * What a client sees live of any server, in our own words. Live events only wake up and show: the stored chat
 * decides. Every one of a chat names it; `messageId` is "" where the server named no message.
 */
export type ObservedEvent =
  /** `delta` is new text to append, `snapshot` the text that this connection knows so far. A replaced text has an empty delta. */
  | { type: "answer-delta"; chatId: string; messageId: string; delta: string; snapshot: string }
  /** The same of the model's thinking, of which nothing is ever replaced. */
  | { type: "answer-reasoning"; chatId: string; messageId: string; delta: string; snapshot: string }
  | { type: "answer-sources"; chatId: string; messageId: string; sources: unknown[] }
  | { type: "answer-status"; chatId: string; messageId: string; status: Record<string, unknown> }
  | { type: "answer-usage"; chatId: string; messageId: string; usage: Usage }
  /** The server says that the answer is over. `text` and `title` are null where the server does not repeat them. */
  | {
      type: "answer-finished";
      chatId: string;
      messageId: string;
      text: string | null;
      title: string | null;
      error: MessageError | null;
      stopped: boolean;
    }
  | { type: "follow-ups-made"; chatId: string; messageId: string; followUps: string[] }
  | { type: "title-made"; chatId: string; messageId: string; title: string }
  | { type: "tags-made"; chatId: string; messageId: string; tags: string[] }
  | { type: "chat-active"; chatId: string; messageId: string; active: boolean }
  | { type: "chat-list-changed"; chatId: string }
  /** An event of a kind that is not known here, as it came. */
  | { type: "other"; chatId: string; messageId: string; event: { type: string; data: unknown } };

/** One step of a streamed completion; every field is always there. `chunk` is what came, as it came. */
export interface CompletionEvent {
  /** New text of the answer; often empty. */
  text: string;
  /** New text of the model's thinking; often empty. */
  reasoning: string;
  sources: unknown[] | null;
  usage: Usage | null;
  error: MessageError | null;
  finishReason: string | null;
  chunk: Record<string, unknown>;
}
