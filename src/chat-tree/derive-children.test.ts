import { expect, test } from "vitest";
import { deriveChildren } from "./derive-children.ts";

const messagesOf = (...rows: [string, string | null][]) =>
  new Map(rows.map(([id, parentId]) => [id, { id, parentId, role: "user" }]));
const FAMILY = messagesOf(["r", null], ["a", "r"], ["x", "a"], ["b", "r"], ["c", "r"]);

const ORDERS: [string, [string, string[]][], children: string[], order: string[]][] = [
  ["no list", [], ["a", "b", "c"], ["r", "a", "x", "b", "c"]],
  ["a whole list", [["r", ["c", "a", "b"]]], ["c", "a", "b"], ["r", "c", "x", "a", "b"]],
  ["a list that omits one", [["r", ["c", "a"]]], ["c", "b", "a"], ["r", "c", "x", "b", "a"]],
  ["a list of one", [["r", ["c"]]], ["a", "b", "c"], ["r", "a", "x", "b", "c"]],
  ["an empty list", [["r", []]], ["a", "b", "c"], ["r", "a", "x", "b", "c"]],
  [
    "unknown ids, another's children and repeats",
    [["r", ["b", "?", "x", "b", "a"]]],
    ["b", "a", "c"],
    ["r", "b", "x", "a", "c"],
  ],
];

test.each(ORDERS)(
  "%s orders children among their own places and unlinks none",
  (_name, posted, children, order) => {
    const linked = deriveChildren(FAMILY, new Map(posted));
    expect(linked.get("r")?.childrenIds).toEqual(children);
    expect([...linked.keys()]).toEqual(order);
    expect(linked.get("a")?.childrenIds).toEqual(["x"]);
  },
);

test("a message whose list is right stays the same object", () => {
  const once = deriveChildren(FAMILY, new Map());
  const twice = deriveChildren(once, new Map());
  for (const [id, message] of twice) expect(message).toBe(once.get(id));
});
