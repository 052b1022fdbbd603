import { describe, expect, test } from "vitest";
import type { WireMessage } from "../contract/message.ts";
import type { StoredChat } from "../contract/stored-chat.ts";
import { formatConversation, formatTime } from "./conversation.ts";

const AT = new Date(2026, 10, 21, 5, 40).getTime();

function chat(
  messages: Record<string, WireMessage>,
  currentId: string | null,
  tags: string[] = [],
): StoredChat {
  return {
    id: "chat-1",
    title: "Capital of France",
    created_at: AT / 1000,
    updated_at: AT / 1000,
    meta: { tags },
    chat: { messages: [], history: { messages, currentId } },
  };
}

const question: WireMessage = { role: "user", content: "Capital of France?", parentId: null, timestamp: AT };
const answer: WireMessage = {
  role: "assistant",
  content: "Paris.",
  parentId: "q",
  modelName: "smollm2",
  timestamp: AT / 1000,
  done: true,
};

describe("a conversation", () => {
  test("shows head, roles, model, times and texts", () => {
    expect(formatConversation(chat({ q: question, a: answer }, "a", ["geography"]))).toBe(
      [
        "Capital of France",
        "chat-1 · 2026-11-21 05:40 · 2 messages · tags: geography",
        "",
        "user · 2026-11-21 05:40",
        "  Capital of France?",
        "",
        "smollm2 · 2026-11-21 05:40",
        "  Paris.",
      ].join("\n"),
    );
  });

  test("marks a message that has siblings and counts what other branches hold", () => {
    const shown = formatConversation(
      chat({ q: question, a: answer, b: { ...answer, content: "Lyon." } }, "b"),
    );
    expect(shown).toContain("2 messages, 1 more on other branches");
    expect(shown).toContain("smollm2 · 2026-11-21 05:40 · 2 of 2\n  Lyon.");
    expect(shown).not.toContain("Paris.");
  });

  test("shows the text that a failed answer has and why it failed", () => {
    const failed = { ...answer, content: "Par", error: { content: "the stream broke" } };
    expect(formatConversation(chat({ q: question, a: failed }, "a"))).toMatch(
      / {2}Par\n {2}error: the stream broke$/,
    );
  });

  test("says that an answer is still being written", () => {
    expect(
      formatConversation(chat({ q: question, a: { ...answer, content: "", done: false } }, "a")),
    ).toMatch(/smollm2 · .* · not finished$/);
  });

  test("ends on a chat whose parents form a circle, and on an empty one", () => {
    const circle = { q: { ...question, parentId: "a" }, a: answer };
    expect(formatConversation(chat(circle, "a"))).toContain("2 messages");
    expect(formatConversation(chat({}, null))).toContain("0 messages");
  });
});

test.each([
  [AT, "2026-11-21 05:40"],
  [AT / 1000, "2026-11-21 05:40"],
  [0, ""],
  [null, ""],
])("the time of %s is %j", (timestamp, shown) => {
  expect(formatTime(timestamp)).toBe(shown);
});
