import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../../../contract/live-event.ts";
import { chatEventsDialect } from "./chat-events.ts";
import { eventsDialect } from "./events.ts";

const about = { chatId: "c", messageId: "a" };
const snapshot = { whole: "Hi there", content: "Hi there", reasoning: "" };
const delta = {
  type: "answer-delta",
  ...about,
  model: "m",
  delta: "Hi",
  reasoningDelta: "",
  hasReasoning: false,
} as const;
const finished = {
  type: "answer-finished",
  ...about,
  snapshot,
  title: "T",
  model: "m",
  error: null,
  stopped: false,
  usage: null,
} as const;
const error = { content: "500: no" };

const typesOf = (event: LiveEvent) => ({
  "chat-events": chatEventsDialect(event).map(({ payload }) => payload.data.type),
  events: eventsDialect(event).map(({ payload }) => payload.data.type),
});

describe("both dialects", () => {
  it.each<[string, LiveEvent, string[], string[]]>([
    ["a delta", { ...delta, snapshot: null }, ["chat:completion"], ["response:completion"]],
    ["a snapshot", { ...delta, snapshot }, ["chat:completion"], ["chat:completion"]],
    ["thinking", { ...delta, delta: "", reasoningDelta: "hm", snapshot: null }, [], ["response:completion"]],
    ["the end", finished, ["chat:completion"], ["chat:list", "chat:completion"]],
    [
      "a failure",
      { ...finished, error },
      ["chat:completion", "chat:completion"],
      ["chat:message:error", "chat:list", "chat:completion"],
    ],
    [
      "a stop",
      { ...finished, stopped: true },
      ["chat:completion", "task-cancelled"],
      ["chat:tasks:cancel", "chat:list", "chat:completion"],
    ],
    ["a title", { type: "title-made", ...about, title: "T" }, ["chat:title"], ["chat:title"]],
    ["tags", { type: "tags-made", ...about, tags: ["x"] }, ["chat:tags"], ["chat:tags"]],
    [
      "follow-ups",
      { type: "follow-ups-made", ...about, followUps: ["?"] },
      ["chat:message:follow_ups"],
      ["chat:message:follow_ups"],
    ],
    ["a status", { type: "answer-status", ...about, status: {} }, ["status"], ["status"]],
    ["the end of all work", { type: "chat-active", ...about, active: false }, [], ["chat:active"]],
    ["a changed list", { type: "chat-list-changed", chatId: "c" }, [], ["chat:list"]],
    ["a posted event", { type: "posted", ...about, event: { type: "x", data: 1 } }, ["x"], ["x"]],
  ])("say %s", (_rule, event, chatEvents, events) => {
    expect(typesOf(event)).toEqual({ "chat-events": chatEvents, events });
  });

  it("name the chat and the message", () => {
    expect(chatEventsDialect({ ...delta, snapshot })).toEqual([
      {
        name: "chat-events",
        payload: {
          chat_id: "c",
          message_id: "a",
          data: { type: "chat:completion", data: { content: "Hi there" } },
        },
      },
    ]);
  });

  it("put text behind reasoning in the list of items", () => {
    const [event] = eventsDialect({ ...delta, hasReasoning: true, snapshot: null });
    expect(event?.payload.data.data).toMatchObject({
      type: "response.output_text.delta",
      output_index: 1,
      delta: "Hi",
    });
  });

  it("do not show the empty text of a message that is being answered", () => {
    const messages = { a: { content: "", done: false }, u: { content: "Hi" } };
    const events = chatEventsDialect({ type: "messages-changed", chatId: "c", messages, currentId: "a" });
    expect(events.map(({ payload }) => payload.message_id)).toEqual(["u"]);
  });
});
