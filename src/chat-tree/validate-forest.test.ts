import { expect, test } from "vitest";
import { OffstageError } from "../errors.ts";
import { forestOfHistory } from "./forest.ts";
import { assertForest, validateForest } from "./validate-forest.ts";

const user = { id: "u", role: "user", parentId: null, childrenIds: ["a"] };
const assistant = { id: "a", role: "assistant", parentId: "u", childrenIds: [] };
const history = (messages: Record<string, object>, currentId: unknown = "u") =>
  forestOfHistory({ messages: messages as Record<string, Record<string, unknown>>, currentId });

const BROKEN: [string, ReturnType<typeof history>, [code: string, messageId: string | null][]][] = [
  ["no id", history({ u: { ...user, id: undefined }, a: assistant }), [["missing_id", "u"]]],
  ["an id that is not the key", history({ u: { ...user, id: "x" }, a: assistant }), [["key_mismatch", "u"]]],
  ["no role", history({ u: { ...user, role: "" }, a: assistant }), [["missing_role", "u"]]],
  [
    "no parentId",
    history({ u: { ...user, parentId: undefined }, a: assistant }),
    [["missing_parent_id", "u"]],
  ],
  [
    "no childrenIds",
    history({ u: user, a: { ...assistant, childrenIds: undefined } }),
    [["missing_children_ids", "a"]],
  ],
  ["its own parent", history({ u: { ...user, parentId: "u" }, a: assistant }), [["self_parent", "u"]]],
  ["an unknown parent", history({ u: { ...user, parentId: "x" }, a: assistant }), [["unknown_parent", "u"]]],
  [
    "a cycle",
    history({ u: { ...user, parentId: "a" }, a: { ...assistant, childrenIds: ["u"] } }),
    [["cycle", "u"]],
  ],
  [
    "an unlisted child",
    history({ u: { ...user, childrenIds: [] }, a: assistant }),
    [["unlisted_child", "a"]],
  ],
  [
    "an unknown child",
    history({ u: user, a: { ...assistant, childrenIds: ["x"] } }),
    [["unknown_child", "a"]],
  ],
  [
    "another's child",
    history({ u: user, a: { ...assistant, childrenIds: ["u"] } }),
    [["foreign_child", "a"]],
  ],
  [
    "a child twice",
    history({ u: { ...user, childrenIds: ["a", "a"] }, a: assistant }),
    [["duplicate_child", "u"]],
  ],
  ["no current message", history({ u: user, a: assistant }, null), [["missing_current", null]]],
  ["an unknown current message", history({ u: user, a: assistant }, "x"), [["unknown_current", null]]],
];

test.each(BROKEN)("%s is the one problem found", (_name, forest, expected) => {
  const problems = validateForest(forest);
  expect(problems.map(({ code, messageId }) => [code, messageId])).toEqual(expected);
  for (const { sentence, messageId } of problems) expect(sentence).toContain(messageId ?? "currentId");
});

test("a forest with several roots, and one without messages, have no problem", () => {
  expect(
    validateForest(history({ u: user, a: assistant, v: { ...user, id: "v", childrenIds: [] } })),
  ).toEqual([]);
  expect(validateForest(history({}, null))).toEqual([]);
});

test("each cycle is told once, whatever hangs on it, and a long one is not spelt out", () => {
  const ids = Array.from({ length: 10 }, (_, index) => `m${index}`);
  const ring = ids.map((id, index) => {
    const childrenIds = [ids[(index + 9) % 10], ...(index === 0 ? ["tail"] : [])];
    return [id, { id, role: "user", parentId: ids[(index + 1) % 10], childrenIds }];
  });
  const tail = { id: "tail", role: "user", parentId: "m0", childrenIds: [] };
  const problems = validateForest(history({ tail, ...Object.fromEntries(ring) }, "m0"));
  expect(problems.map(({ sentence }) => sentence)).toEqual([
    "Following parentId from 'm0' goes round: m0 → m1 → m2 → m3 → m4 → ….",
  ]);
});

test("a chain of 100,000 messages does not overflow the stack, straight or as a ring", () => {
  const length = 100_000;
  const chain = Array.from({ length }, (_, index) => {
    const childrenIds = index + 1 < length ? [`m${index + 1}`] : [];
    const message = {
      id: `m${index}`,
      role: "user",
      parentId: index === 0 ? null : `m${index - 1}`,
      childrenIds,
    };
    return [message.id, message] as const;
  });
  const messages = Object.fromEntries(chain);
  expect(validateForest(history(messages, `m${length - 1}`))).toEqual([]);
  const ring = { ...messages, m0: { ...messages.m0, parentId: `m${length - 1}` } };
  expect(validateForest(history(ring, "m0")).map(({ code }) => code)).toEqual(["unlisted_child", "cycle"]);
});

test("asserting a broken forest throws its first problem, with all of them as details", () => {
  const broken = history({ u: { ...user, parentId: "x" }, a: { ...assistant, role: "" } });
  expect(() => assertForest(broken)).toThrow(OffstageError);
  expect(() => assertForest(broken)).toThrow(
    expect.objectContaining({
      code: "bad_input",
      message: "Message 'u' has the parent 'x', which is not in the chat.",
      details: { problems: [expect.anything(), expect.anything()] },
    }),
  );
});
