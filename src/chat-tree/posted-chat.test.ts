import { expect, test } from "vitest";
import type { PostedChat } from "../contract/chat.ts";
import type { WireMessage } from "../contract/message.ts";
import { parsePostedForest } from "./posted-chat.ts";

function parse(chat: PostedChat) {
  let made = 0;
  const newId = () => {
    made += 1;
    return `new-${made}`;
  };
  return parsePostedForest(chat, { newId });
}

test("history's fields win over those of messages[], one by one", () => {
  const { messages } = parse({
    messages: [{ id: "a", role: "assistant", content: "listed", modelName: "m", revision: 1 }],
    history: { messages: { a: { content: "keyed", parentId: "u", revision: 2 } } },
  });
  expect(messages.get("a")).toEqual({
    id: "a",
    parentId: "u",
    childrenIds: undefined,
    revision: 2,
    fields: { role: "assistant", content: "keyed", modelName: "m" },
  });
});

test("a message in one of the two places counts, and one without an id gets one", () => {
  const listed = parse({ messages: [{ role: "user" }, { id: "b" }], history: { messages: { c: {} } } });
  expect([...listed.messages.keys()]).toEqual(["c", "new-1", "b"]);
});

test("the order is that of messages[] where it names all, else that of history", () => {
  const keyed = { 9: { id: "9" }, 10: { id: "10" } };
  expect([
    ...parse({ messages: [{ id: "10" }, { id: "9" }], history: { messages: keyed } }).messages.keys(),
  ]).toEqual(["10", "9"]);
  const branch = parse({ messages: [{ id: "b" }], history: { messages: { a: {}, b: {} } } });
  expect([...branch.messages.keys()]).toEqual(["a", "b"]);
});

const LINKS: [string, WireMessage, object][] = [
  ["absent links", {}, { parentId: undefined, childrenIds: undefined }],
  [
    "nulls of a serialiser",
    { parentId: null, childrenIds: null },
    { parentId: undefined, childrenIds: undefined },
  ],
  [
    "a root that lists its children",
    { parentId: null, childrenIds: [] },
    { parentId: null, childrenIds: [] },
  ],
  ["a parent", { parentId: "p" }, { parentId: "p", childrenIds: undefined }],
];
test.each(LINKS)("%s: what the post says of them", (_name, links, expected) => {
  expect(parse({ history: { messages: { m: links } } }).messages.get("m")).toMatchObject(expected);
});

test("a null of the tutorial's fields is none, one of an unknown field is kept, and stamps are no field", () => {
  const nulls = {
    role: "user",
    model: null,
    models: null,
    content: null,
    rating: null,
    revision: "own",
  } as const;
  const message = parse({ messages: [{ id: "m", ...nulls }] }).messages.get("m");
  expect(message?.fields).toEqual({ role: "user", rating: null });
  expect(message?.revision).toBeUndefined();
});

test("keys that are special to objects are ids and fields like others", () => {
  const history = JSON.parse('{"messages": {"__proto__": {"role": "user", "__proto__": 1}}}');
  const message = parse({ history }).messages.get("__proto__");
  expect(Object.entries(message?.fields ?? {})).toEqual([
    ["role", "user"],
    ["__proto__", 1],
  ]);
});

test("the current message is read from all of its names", () => {
  const post = parse({ history: { currentId: "a", current_id: "b" }, currentId: "c", current_id: "d" });
  expect(post.currentIds).toEqual(["a", "b", "c", "d"]);
  expect(post.historyCurrentId).toBe("a");
  expect(parse({ history: { currentId: null }, currentId: "c" })).toMatchObject({
    currentIds: ["c"],
    historyCurrentId: undefined,
  });
});

test("an id given twice, and a key that differs from its id, are refused by name", () => {
  expect(() => parse({ messages: [{ id: "m" }, { id: "m" }] })).toThrow(
    "messages[] holds the id 'm' more than once",
  );
  expect(() => parse({ history: { messages: { k: { id: "m" } } } })).toThrow(
    "the message 'm' under the key 'k'",
  );
});
