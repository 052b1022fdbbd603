import { describe, expect, test } from "vitest";
import type { PostedChat } from "../contract/chat.ts";
import { OffstageError } from "../errors.ts";
import { normaliseNewChat } from "./new-chat.ts";

const newId = () => crypto.randomUUID();
const normalise = (chat: PostedChat) => normaliseNewChat(chat, { newId });
const shapeOf = (chat: PostedChat) =>
  [...normalise(chat).messages.values()].map(({ id, parentId, childrenIds }) => [id, parentId, childrenIds]);
const user = (id: string, more: object = {}) => ({ id, role: "user" as const, content: id, ...more });
const assistant = (id: string, more: object = {}) => ({
  id,
  role: "assistant" as const,
  content: "",
  ...more,
});

describe("a new chat", () => {
  test("of the tutorial's first edition is a root that is current", () => {
    const message = user("user-msg-id", { timestamp: 1720000000000, models: ["gpt-4o"] });
    const forest = normalise({
      title: "New Chat",
      models: ["gpt-4o"],
      messages: [message],
      history: { current_id: "user-msg-id", messages: { "user-msg-id": message } },
    });
    expect([...forest.messages.values()]).toEqual([{ ...message, parentId: null, childrenIds: [] }]);
    expect(forest.currentId).toBe("user-msg-id");
  });

  test("of the newer edition is linked both ways", () => {
    const question = user("U1", { childrenIds: ["A1"] });
    const placeholder = assistant("A1", {
      parentId: "U1",
      childrenIds: [],
      model: "m",
      modelName: "M",
      done: false,
    });
    const chat = {
      messages: [question, placeholder],
      history: { currentId: "A1", messages: { U1: question, A1: placeholder } },
    };
    expect(shapeOf(chat)).toEqual([
      ["U1", null, ["A1"]],
      ["A1", "U1", []],
    ]);
    expect(normalise(chat).currentId).toBe("A1");
    expect(normalise(chat).messages.get("A1")).toMatchObject({ model: "m", done: false });
  });

  test("of messages[] alone is a chain, with several answers under their question", () => {
    expect(
      shapeOf({ messages: [user("u1"), assistant("a1"), assistant("b1"), user("u2"), assistant("a2")] }),
    ).toEqual([
      ["u1", null, ["a1", "b1"]],
      ["a1", "u1", []],
      ["b1", "u1", ["u2"]],
      ["u2", "b1", ["a2"]],
      ["a2", "u2", []],
    ]);
  });

  test("takes the last message for the current one where none or an unknown one is named", () => {
    expect(normalise({ messages: [user("u"), assistant("a")] }).currentId).toBe("a");
    expect(normalise({ messages: [user("u"), assistant("a")], currentId: "x" }).currentId).toBe("a");
    expect(normalise({})).toEqual({ messages: new Map(), currentId: null });
  });

  test("puts an answer that comes first at the root, and a parentless message under the one that lists it", () => {
    expect(shapeOf({ messages: [assistant("a"), assistant("b")] })).toEqual([
      ["a", null, ["b"]],
      ["b", "a", []],
    ]);
    const messages = [user("u1", { childrenIds: ["u3"] }), user("u2"), user("u3")];
    expect(shapeOf({ messages })).toEqual([
      ["u1", null, ["u2", "u3"]],
      ["u2", "u1", []],
      ["u3", "u1", []],
    ]);
  });

  test("keeps several roots, and the order in which a list has its children", () => {
    const forest = {
      u1: user("u1", { parentId: null, childrenIds: ["b1", "a1"] }),
      a1: assistant("a1", { parentId: "u1", childrenIds: [] }),
      b1: assistant("b1", { parentId: "u1", childrenIds: [] }),
      u2: user("u2", { parentId: null, childrenIds: [] }),
    };
    expect(shapeOf({ history: { messages: forest, currentId: "u2" } })).toEqual([
      ["u1", null, ["b1", "a1"]],
      ["b1", "u1", []],
      ["a1", "u1", []],
      ["u2", null, []],
    ]);
  });

  test.each([
    ["its own", { model: "own", modelName: "name" }, "own"],
    ["its modelName", { model: "", modelName: "name" }, "name"],
    ["the chat's first", {}, "m0"],
    ["the chat's at modelIdx", { modelIdx: 1 }, "m1"],
    ["none", { modelIdx: 7 }, undefined],
  ])("gives an answer %s model", (_name, fields, model) => {
    const forest = normalise({ models: ["m0", "m1"], messages: [user("u"), assistant("a", fields)] });
    expect(forest.messages.get("a")?.model || undefined).toBe(model);
  });

  test("is not fooled by done without text, and has text where none was sent", () => {
    const { messages } = normalise({ messages: [{ id: "u", role: "user" }, assistant("a", { done: true })] });
    expect(messages.get("u")?.content).toBe("");
    expect(messages.get("a")).not.toHaveProperty("done");
    const failed = normalise({
      messages: [user("u"), assistant("a", { done: true, error: { content: "no" } })],
    });
    expect(failed.messages.get("a")?.done).toBe(true);
  });

  test.each<[string, PostedChat, string]>([
    ["a self-parent", { messages: [user("u", { parentId: "u" })] }, "'u' is its own parent"],
    ["an orphan", { messages: [user("u", { parentId: "x" })] }, "'u' has the parent 'x'"],
    [
      "a cycle",
      { messages: [user("u", { parentId: "a" }), assistant("a", { parentId: "u" })] },
      "goes round: u → a → u",
    ],
    ["an id twice", { messages: [user("u"), user("u")] }, "'u' more than once"],
    ["no role", { messages: [{ id: "u" }] }, "'u' is not in the chat and has no role"],
  ])("with %s is refused by a sentence that names it", (_name, chat, sentence) => {
    expect(() => normalise(chat)).toThrow(sentence);
    expect(() => normalise(chat)).toThrow(expect.objectContaining({ httpStatus: 400 }));
    expect(() => normalise(chat)).toThrow(OffstageError);
  });
});
