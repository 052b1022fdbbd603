import { expect, test } from "vitest";
import type { WireMessage } from "../contract/message.ts";
import { parsePostedForest } from "./posted-chat.ts";
import { type MessageFacts, reviseMessage } from "./revise-message.ts";

const ANSWER = {
  id: "A1",
  role: "assistant",
  parentId: "U1",
  childrenIds: [],
  content: "The capital of France is Paris.",
  done: true,
  model: "m",
  usage: { total_tokens: 9 },
  sources: [{ name: "atlas" }],
  followUps: ["And Italy?"],
  statusHistory: [{ done: true }],
};
const FINAL = { revision: 7, answerState: "final" } as const;
const RUNNING = { revision: 7, answerState: "running" } as const;
const NONE = { revision: 7, answerState: "none" } as const;

function revise(stored: typeof ANSWER, facts: MessageFacts, fields: WireMessage, inSnapshot = false) {
  const { messages } = parsePostedForest({ messages: [{ ...fields, id: "A1" }] }, { newId: () => "new" });
  return reviseMessage(stored, facts, messages.get("A1")!, { inSnapshot });
}

const CASES: [string, MessageFacts, posted: WireMessage, brought: object][] = [
  ["final, no text", FINAL, { content: "" }, {}],
  ["final, no text at its own stamp", FINAL, { content: "", revision: 7 }, {}],
  ["final, null", FINAL, { content: null }, {}],
  ["final, a prefix", FINAL, { content: "The capital" }, {}],
  ["final, a prefix as parts", FINAL, { content: [{ type: "text", text: "The capital" }] }, {}],
  [
    "final, a prefix at its own stamp",
    FINAL,
    { content: "The capital", revision: 7 },
    { content: "The capital" },
  ],
  ["final, another text", FINAL, { content: "Paris." }, { content: "Paris." }],
  ["final, another text at its own stamp", FINAL, { content: "Paris.", revision: 7 }, { content: "Paris." }],
  ["final, another text at an older stamp", FINAL, { content: "Rome.", revision: 6 }, {}],
  ["final, a new field at an older stamp", FINAL, { rating: 1, revision: 6 }, { rating: 1 }],
  ["final, an ending and a role", FINAL, { done: false, error: { content: "cut" }, role: "user" }, {}],
  [
    "final, empty server fields",
    FINAL,
    { usage: null, sources: [], followUps: [], statusHistory: [], model: "" },
    {},
  ],
  ["final, another server field", FINAL, { followUps: ["And Spain?"] }, { followUps: ["And Spain?"] }],
  ["running, any text", RUNNING, { content: "Rome, at length and in full.", revision: 7 }, {}],
  ["running, an ending", RUNNING, { done: true, error: { content: "cut" } }, {}],
  ["running, server fields", RUNNING, { statusHistory: [{ done: false }], usage: { total_tokens: 1 } }, {}],
  ["running, another field", RUNNING, { rating: 1 }, { rating: 1 }],
  ["unanswered, any text", NONE, { content: "Rome." }, { content: "Rome." }],
  [
    "unanswered, an ending with text",
    NONE,
    { content: "Rome.", done: false },
    { content: "Rome.", done: false },
  ],
];

test.each(CASES)("what an answer takes: %s", (_name, facts, posted, brought) => {
  const { message } = revise(ANSWER, facts, posted);
  if (Object.keys(brought).length === 0) expect(message).toBe(ANSWER);
  else expect(message).toEqual({ ...ANSWER, ...brought });
});

test("an unanswered placeholder is not ended by done without text or error", () => {
  const placeholder = { ...ANSWER, content: "", done: false };
  const doneAfter = (posted: WireMessage) => revise(placeholder, NONE, posted).message.done;
  expect(doneAfter({ done: true })).toBe(false);
  expect(doneAfter({ done: true, content: "text" })).toBe(true);
  expect(doneAfter({ done: true, error: { content: "no" } })).toBe(true);
});

const SEEN: [string, MessageFacts, posted: WireMessage, isNewlySeen: boolean][] = [
  ["the message at its own stamp", FINAL, { content: ANSWER.content, revision: 7 }, false],
  ["the same without a stamp", FINAL, { content: ANSWER.content }, true],
  ["the same at an older stamp", FINAL, { content: ANSWER.content, revision: 6 }, true],
  ["an edit at its own stamp", FINAL, { content: "Rome.", revision: 7 }, true],
  ["another text at an older stamp", FINAL, { content: "Rome.", revision: 6 }, false],
  [
    "another text of a message that one had",
    { ...FINAL, inSnapshot: true },
    { content: "Rome.", revision: 6 },
    true,
  ],
  ["the same of a message that one had", { ...FINAL, inSnapshot: true }, { content: ANSWER.content }, false],
];
test.each(SEEN)("a snapshot that posts %s", (_name, facts, posted, isNewlySeen) => {
  expect(revise(ANSWER, facts, posted, true).isNewlySeen).toBe(isNewlySeen);
  expect(revise(ANSWER, facts, posted, false).isNewlySeen).toBe(false);
});

test("an older copy and a null parentId move a message in a snapshot only", () => {
  const parentAfter = (posted: WireMessage, inSnapshot: boolean) =>
    revise(ANSWER, FINAL, { childrenIds: [], ...posted }, inSnapshot).message.parentId;
  expect(parentAfter({ parentId: "U0" }, false)).toBe("U0");
  expect(parentAfter({ parentId: "U0", revision: 6 }, false)).toBe("U1");
  expect(parentAfter({ parentId: "U0", revision: 6 }, true)).toBe("U0");
  expect(parentAfter({ parentId: null }, false)).toBe("U1");
  expect(parentAfter({ parentId: null }, true)).toBeNull();
});
