import type { MessageError, Usage } from "./completion.ts";

/** An answer's text at one moment. */
export interface AnswerSnapshot {
  /** As it is stored and shown: reasoning as a `<details>` block, then the content. */
  whole: string;
  content: string;
  reasoning: string;
}

/**
 * Everything that people's open pages and waiting clients are told, in our own words; `server/realtime/dialects/`
 * spells it for the wire. Each event belongs to a user; most to a chat, and those about a message name it.
 */
export type LiveEvent =
  | {
      type: "answer-started";
      chatId: string;
      messageId: string;
      parentId: string | null;
      model: string;
      taskId: string;
    }
  /**
   * New text since the last delta. `snapshot` stands only where one is due: first, at least every second while text
   * grows, and where reasoning turned into text.
   */
  | {
      type: "answer-delta";
      chatId: string;
      messageId: string;
      model: string;
      delta: string;
      reasoningDelta: string;
      hasReasoning: boolean;
      snapshot: AnswerSnapshot | null;
    }
  | { type: "answer-sources"; chatId: string; messageId: string; sources: unknown[] }
  | { type: "answer-status"; chatId: string; messageId: string; status: Record<string, unknown> }
  | {
      type: "answer-finished";
      chatId: string;
      messageId: string;
      snapshot: AnswerSnapshot;
      title: string;
      model: string;
      error: MessageError | null;
      stopped: boolean;
      usage: Usage | null;
    }
  | { type: "follow-ups-made"; chatId: string; messageId: string; followUps: string[] }
  | { type: "title-made"; chatId: string; messageId: string; title: string }
  | { type: "tags-made"; chatId: string; messageId: string; tags: string[] }
  /** All of a chat's work has ended (`active: false`) or some has begun. */
  | { type: "chat-active"; chatId: string; messageId: string; active: boolean }
  /** A chat came, went or changed in a way that lists show. */
  | { type: "chat-list-changed"; chatId: string }
  /** Messages of an open chat changed other than by an answer's growing. */
  | { type: "messages-changed"; chatId: string; messages: Record<string, unknown>; currentId: string | null }
  /** An event that a client posted for a message, passed on as it is. */
  | { type: "posted"; chatId: string; messageId: string; event: { type: string; data: unknown } };
