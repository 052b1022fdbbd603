import { expect, test } from "vitest";
import {
  branch,
  deepestDescendant,
  type Forest,
  type ForestMessage,
  linearMessages,
  siblingsOf,
} from "./forest.ts";

function forestOf(currentId: string | null, ...rows: [string, string | null, string[], string?][]): Forest {
  const messages = rows.map(([id, parentId, childrenIds, role]): [string, ForestMessage] => [
    id,
    { id, parentId, childrenIds, role: role ?? (id.startsWith("u") ? "user" : "assistant") },
  ]);
  return { messages: new Map(messages), currentId };
}

const idsOf = (messages: ForestMessage[]) => messages.map(({ id }) => id);

const REGENERATED = forestOf(
  "a2",
  ["u1", null, ["a1", "b1"]],
  ["a1", "u1", ["u2"]],
  ["b1", "u1", []],
  ["u2", "a1", ["a2", "b2", "c2"]],
  ["a2", "u2", []],
  ["b2", "u2", []],
  ["c2", "u2", []],
  ["u3", null, []],
);

test("a branch runs from its root to the message asked for, by default the current one", () => {
  expect(idsOf(branch(REGENERATED))).toEqual(["u1", "a1", "u2", "a2"]);
  expect(idsOf(branch(REGENERATED, "b1"))).toEqual(["u1", "b1"]);
  expect(branch(REGENERATED, "nobody")).toEqual([]);
  expect(branch({ messages: new Map(), currentId: null })).toEqual([]);
});

test("a branch ends at a broken link or where links go round", () => {
  expect(idsOf(branch(forestOf("a", ["a", "gone", []])))).toEqual(["a"]);
  expect(idsOf(branch(forestOf("a", ["a", "a", ["a"]])))).toEqual(["a"]);
  expect(idsOf(branch(forestOf("a", ["a", "b", []], ["b", "c", []], ["c", "a", []])))).toEqual([
    "c",
    "b",
    "a",
  ]);
});

test("siblings share a parent, and roots are siblings", () => {
  expect(idsOf(siblingsOf(REGENERATED, "b2"))).toEqual(["a2", "b2", "c2"]);
  expect(idsOf(siblingsOf(REGENERATED, "u3"))).toEqual(["u1", "u3"]);
  expect(siblingsOf(REGENERATED, "nobody")).toEqual([]);
});

test("the deepest descendant is reached by last children, also where links go round", () => {
  expect(deepestDescendant(REGENERATED, "u1")?.id).toBe("b1");
  expect(deepestDescendant(REGENERATED, "a1")?.id).toBe("c2");
  expect(deepestDescendant(REGENERATED, "nobody")).toBeUndefined();
  expect(deepestDescendant(forestOf("a", ["a", "b", ["b"]], ["b", "a", ["a"]]), "a")?.id).toBe("b");
});

test("the linear order is the current branch, then the other answers to its last question", () => {
  expect(idsOf(linearMessages(REGENERATED))).toEqual(["u1", "a1", "u2", "a2", "b2", "c2"]);
  expect(idsOf(linearMessages({ ...REGENERATED, currentId: "u2" }))).toEqual([
    "u1",
    "a1",
    "u2",
    "a2",
    "b2",
    "c2",
  ]);
  expect(idsOf(linearMessages({ ...REGENERATED, currentId: "b1" }))).toEqual(["u1", "b1", "a1"]);
  expect(idsOf(linearMessages(forestOf("a", ["a", null, []])))).toEqual(["a"]);
});
