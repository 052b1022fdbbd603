import { describe, expect, test } from "vitest";
import { branch, type Forest } from "./forest.ts";
import { addMessages, appendAnswers, appendSibling, appendTurn } from "./grow-forest.ts";
import { validateForest } from "./validate-forest.ts";

const EMPTY: Forest = { messages: new Map(), currentId: null };
const user = (id: string) => ({ id, role: "user", content: id });
const answer = (id: string) => ({ id, role: "assistant", content: "" });
const turn = appendTurn(EMPTY, { user: user("u1"), answers: [answer("a1")] });

describe("appendTurn", () => {
  test("begins a chat with a question and its placeholder, which is current", () => {
    expect([...turn.messages.values()]).toEqual([
      { id: "u1", role: "user", content: "u1", parentId: null, childrenIds: ["a1"] },
      { id: "a1", role: "assistant", content: "", parentId: "u1", childrenIds: [], modelIdx: 0 },
    ]);
    expect(turn.currentId).toBe("a1");
    expect(EMPTY.messages.size).toBe(0);
  });

  test("follows the current message, or the one given, or begins another root", () => {
    const next = appendTurn(turn, { user: user("u2") });
    expect(branch(next).map(({ id }) => id)).toEqual(["u1", "a1", "u2"]);
    expect(appendTurn(next, { user: user("u3"), parentId: "a1" }).messages.get("a1")?.childrenIds).toEqual([
      "u2",
      "u3",
    ]);
    expect(branch(appendTurn(next, { user: user("u3"), parentId: null })).map(({ id }) => id)).toEqual([
      "u3",
    ]);
  });

  test("gives several models their places, and makes the first answer current", () => {
    const two = appendTurn(EMPTY, {
      user: user("u"),
      answers: [answer("a"), { ...answer("b"), modelIdx: 4 }],
    });
    expect([two.messages.get("a")?.modelIdx, two.messages.get("b")?.modelIdx]).toEqual([0, 4]);
    expect(two.currentId).toBe("a");
  });
});

test("appendAnswers adds beside the answers that are there, and leaves the forest given as it was", () => {
  const before = structuredClone(turn);
  const more = appendAnswers(turn, "u1", [answer("a2"), answer("a3")]);
  expect(more.messages.get("u1")?.childrenIds).toEqual(["a1", "a2", "a3"]);
  expect(more.currentId).toBe("a2");
  expect(appendAnswers(turn, "u1", []).currentId).toBe("a1");
  expect(turn).toEqual(before);
});

test("appendSibling asks again at the same place, and edits a question beside the former", () => {
  const second = appendAnswers(turn, "u1", [answer("x"), answer("a2")]);
  const again = appendSibling(second, "a2", answer("a3"));
  expect(again.messages.get("a3")).toMatchObject({ parentId: "u1", modelIdx: 1 });
  const edited = appendSibling(again, "u1", user("u1b"));
  expect(edited.messages.get("u1b")).toEqual({ ...user("u1b"), parentId: null, childrenIds: [] });
  expect(edited.currentId).toBe("u1b");
  expect(validateForest(edited)).toEqual([]);
});

test("a taken id, an unknown parent, sibling or current message is refused by name", () => {
  expect(() => appendTurn(turn, { user: user("a1") })).toThrow("The chat has a message 'a1' already.");
  expect(() => appendTurn(turn, { user: user("u2"), parentId: "x" })).toThrow(
    "its parent 'x' is not in the chat",
  );
  expect(() => appendSibling(turn, "x", answer("a2"))).toThrow("beside 'x'");
  expect(() => addMessages(turn, [], "x")).toThrow("'x' cannot be current");
});

test("20,000 messages are added by one call", () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => ({
    ...user(`m${index}`),
    parentId: index === 0 ? null : `m${index - 1}`,
  }));
  const long = addMessages(EMPTY, chain);
  expect(long.currentId).toBe("m19999");
  expect(branch(long)).toHaveLength(20_000);
  expect(validateForest(long)).toEqual([]);
});
