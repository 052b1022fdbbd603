import type { LiveEvent } from "../../src/contract/live-event.ts";

/** A live event that the documentation shows, and what has happened when it is told. */
export interface LiveEventSample<Event extends LiveEvent = LiveEvent> {
  happened: string;
  event: Event;
}

type Samples = {
  [Type in LiveEvent["type"]]: readonly LiveEventSample<Extract<LiveEvent, { type: Type }>>[];
};

const chatId = "chat";
const messageId = "answer";
const about = { chatId, messageId };
const model = "gpt-4o";
const plain = { whole: "Paris.", content: "Paris.", reasoning: "" };
const grown = { ...about, model, delta: "", reasoningDelta: "", hasReasoning: false, snapshot: null };
const over = { ...about, model, snapshot: plain, title: "Capital", error: null, stopped: false, usage: null };

/** Every kind of live event, in the order in which a turn tells them; the compiler checks that none is missing. */
export const LIVE_EVENT_SAMPLES: Samples = {
  "answer-started": [
    {
      happened: "an answer begins",
      event: { type: "answer-started", ...about, model, parentId: "question", taskId: "task" },
    },
  ],
  "answer-status": [
    {
      happened: "a status is added to an answer",
      event: {
        type: "answer-status",
        ...about,
        status: { action: "unoffered", description: "…", done: true },
      },
    },
  ],
  "answer-sources": [
    {
      happened: "an answer has sources",
      event: { type: "answer-sources", ...about, sources: [{ source: {}, document: [], metadata: [] }] },
    },
  ],
  "answer-delta": [
    {
      happened: "the model thinks on",
      event: { type: "answer-delta", ...grown, reasoningDelta: "Hm", hasReasoning: true },
    },
    { happened: "the text grows", event: { type: "answer-delta", ...grown, delta: "Par" } },
    {
      happened: "the same, where a snapshot is due",
      event: { type: "answer-delta", ...grown, delta: "is.", snapshot: plain },
    },
  ],
  "answer-finished": [
    {
      happened: "an answer is final",
      event: { type: "answer-finished", ...over, usage: { total_tokens: 21 } },
    },
    {
      happened: "an answer failed",
      event: { type: "answer-finished", ...over, error: { content: "500: out of memory" } },
    },
    { happened: "an answer was stopped", event: { type: "answer-finished", ...over, stopped: true } },
  ],
  "follow-ups-made": [
    {
      happened: "follow-up questions are made",
      event: { type: "follow-ups-made", ...about, followUps: ["And of Italy?"] },
    },
  ],
  "title-made": [
    { happened: "a title is made", event: { type: "title-made", ...about, title: "Capital of France" } },
  ],
  "tags-made": [{ happened: "tags are made", event: { type: "tags-made", ...about, tags: ["geography"] } }],
  "chat-active": [
    { happened: "all work of a chat is over", event: { type: "chat-active", ...about, active: false } },
  ],
  "chat-list-changed": [
    {
      happened: "a chat comes, goes or changes in lists",
      event: { type: "chat-list-changed", chatId },
    },
  ],
  "messages-changed": [
    {
      happened: "messages change other than by an answer's growing",
      event: {
        type: "messages-changed",
        chatId,
        messages: { question: { id: "question", role: "user", content: "And of Italy?" } },
        currentId: "question",
      },
    },
  ],
  posted: [
    {
      happened: "a client posts an event for a message",
      event: { type: "posted", ...about, event: { type: "(its own type)", data: "(its own data)" } },
    },
  ],
};
