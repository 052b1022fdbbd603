import { describe, expect, test } from "vitest";
import type { PostedChat } from "../contract/chat.ts";
import type { WireMessage } from "../contract/message.ts";
import { OffstageError } from "../errors.ts";
import { branch } from "./forest.ts";
import { type MergePlan, mergePost, type StoredForest } from "./merge-post.ts";
import { normaliseNewChat } from "./new-chat.ts";
import { parsePostedForest } from "./posted-chat.ts";
import type { MessageFacts } from "./revise-message.ts";

const newId = () => crypto.randomUUID();
const user = (id: string, more: object = {}) => ({ id, role: "user" as const, content: id, ...more });
const assistant = (id: string, more: object = {}) => ({
  id,
  role: "assistant" as const,
  content: "",
  ...more,
});
const TEXT = "The capital of France is Paris.";
const ANSWER = assistant("A1", {
  content: TEXT,
  done: true,
  model: "m",
  usage: { total_tokens: 9 },
  sources: [{ name: "atlas" }],
  followUps: ["And Italy?"],
  statusHistory: [{ done: true }],
});

/** A chat of one answered question at revision 5, with facts of its own where given. */
function storedOf(facts: Record<string, Partial<MessageFacts>> = {}, chat: PostedChat = {}): StoredForest {
  const forest = normaliseNewChat({ messages: [user("U1"), ANSWER], ...chat }, { newId });
  const factsOf = (id: string): MessageFacts => ({
    revision: 5,
    answerState: id === "A1" ? "final" : "none",
    ...facts[id],
  });
  return { ...forest, facts: new Map(forest.messages.keys().map((id) => [id, factsOf(id)])) };
}

const merge = (stored: StoredForest, chat: PostedChat): MergePlan =>
  mergePost(stored, parsePostedForest(chat, { newId }), { models: ["chat-model"] });
const idsOf = (messages: Iterable<{ id: string }>) => Array.from(messages, ({ id }) => id);
const keyed = (...messages: (WireMessage & { id: string })[]) =>
  Object.fromEntries(messages.map((message) => [message.id, message]));
const value = (plan: MergePlan, id: string) => plan.forest.messages.get(id);

describe("new messages without parentId", () => {
  test("are appended to the current branch, and the last one is current", () => {
    const plan = merge(storedOf(), { messages: [user("U2")], history: { messages: keyed(user("U2")) } });
    expect(plan).toMatchObject({
      kind: "append",
      change: [],
      remove: [],
      seen: [],
      reordered: false,
      currentId: "U2",
    });
    expect(plan.insert).toEqual([{ ...user("U2"), parentId: "A1", childrenIds: [] }]);
    expect(value(plan, "A1")?.childrenIds).toEqual(["U2"]);
  });

  test("are chained in array order, an assistant's under the user message before it", () => {
    const plan = merge(storedOf(), { messages: [user("U2"), assistant("A2"), assistant("B2"), user("U3")] });
    expect(plan.insert.map(({ id, parentId }) => [id, parentId])).toEqual([
      ["U2", "A1"],
      ["A2", "U2"],
      ["B2", "U2"],
      ["U3", "B2"],
    ]);
    expect(value(plan, "A2")?.model).toBe("chat-model");
  });

  test("stand beside the current answer where an assistant's comes alone", () => {
    expect(merge(storedOf(), { messages: [assistant("B1")] }).insert[0]?.parentId).toBe("U1");
  });

  test("follow the message that the post names as current, if that is stored", () => {
    const plan = merge(storedOf(), { messages: [user("U2")], history: { currentId: "U1" } });
    expect(plan.insert[0]?.parentId).toBe("U1");
    expect(plan.currentId).toBe("U1");
  });

  test("follow the branch also when the post repeats stored messages around them", () => {
    const stored = storedOf();
    const plan = merge(stored, { messages: [user("U1"), user("U2"), assistant("A1", { parentId: "U1" })] });
    expect(plan.kind).toBe("merge");
    expect(plan.insert[0]).toMatchObject({ id: "U2", parentId: "A1" });
    expect(plan.change).toEqual([]);
  });
});

describe("links", () => {
  test("a given parentId is honoured, null beside childrenIds begins a root", () => {
    const plan = merge(storedOf(), {
      history: {
        messages: keyed(user("E1", { parentId: null, childrenIds: [] }), assistant("B1", { parentId: "U1" })),
      },
    });
    expect(plan.insert.map(({ parentId }) => parentId)).toEqual([null, "U1"]);
    expect(value(plan, "U1")?.childrenIds).toEqual(["A1", "B1"]);
  });

  test("a posted parentId moves a stored message, an absent or null one leaves it", () => {
    const stored = storedOf({}, { messages: [user("U1"), ANSWER, user("U2"), user("U3")] });
    const moved = merge(stored, { history: { messages: { U3: { parentId: "A1" } } } });
    expect(moved.change).toEqual([{ ...user("U3"), parentId: "A1", childrenIds: [] }]);
    expect(value(moved, "A1")?.childrenIds).toEqual(["U2", "U3"]);
    const left = merge(stored, { history: { messages: { U3: { parentId: null, childrenIds: [] } } } });
    expect(value(left, "U3")?.parentId).toBe("U2");
  });

  test("a posted list orders children, and neither unlinks nor hides one", () => {
    const stored = storedOf(
      {},
      { messages: [user("U1"), ANSWER, assistant("B1"), assistant("C1")], currentId: "C1" },
    );
    const plan = merge(stored, { history: { messages: { U1: { childrenIds: ["C1", "A1"] } } } });
    expect(value(plan, "U1")?.childrenIds).toEqual(["C1", "B1", "A1"]);
    expect(idsOf(plan.forest.messages.values())).toEqual(["U1", "C1", "B1", "A1"]);
    expect(plan).toMatchObject({ change: [], reordered: true, currentId: "C1" });
    expect(
      value(merge(stored, { history: { messages: { U1: { childrenIds: [] } } } }), "U1")?.childrenIds,
    ).toHaveLength(3);
  });

  test.each<[string, WireMessage & { id: string }, string]>([
    ["an unknown parent", user("U2", { parentId: "gone" }), "Message 'U2' has the parent 'gone'"],
    ["a self-parent", user("U2", { parentId: "U2" }), "Message 'U2' is its own parent"],
    ["a cycle", { id: "U1", parentId: "A1" }, "goes round: U1 → A1 → U1"],
    ["a new message without a role", { id: "U2" }, "Message 'U2' is not in the chat and has no role"],
  ])("%s is refused by name", (_name, message, sentence) => {
    const attempt = () => merge(storedOf(), { history: { messages: keyed(message) } });
    expect(attempt).toThrow(OffstageError);
    expect(attempt).toThrow(sentence);
  });
});

describe("partial messages and DTOs", () => {
  test("the newer edition's next turn changes nothing of the first answer but its children", () => {
    const plan = merge(storedOf(), {
      history: {
        currentId: "A2",
        messages: {
          A1: { childrenIds: ["U2"] },
          U2: user("U2", { parentId: "A1", childrenIds: ["A2"] }),
          A2: assistant("A2", { parentId: "U2", childrenIds: [], model: "m", done: false }),
        },
      },
    });
    expect(plan).toMatchObject({ kind: "merge", change: [], currentId: "A2", reordered: false });
    expect(value(plan, "A1")).toMatchObject({ content: TEXT, childrenIds: ["U2"] });
    expect(idsOf(branch(plan.forest))).toEqual(["U1", "A1", "U2", "A2"]);
  });

  test("are merged field by field, and omission deletes neither messages nor fields", () => {
    const plan = merge(storedOf(), { history: { messages: { U1: { rating: 1 } }, currentId: "U1" } });
    expect(plan.change).toEqual([{ ...user("U1"), rating: 1, parentId: null, childrenIds: ["A1"] }]);
    expect(plan.remove).toEqual([]);
  });

  test("the first edition's enrichment after the answer is there leaves the answer whole", () => {
    const messages = [user("U1"), assistant("A1", { parentId: "U1", modelName: "m", modelIdx: 0 })];
    const plan = merge(storedOf(), { messages, history: { current_id: "A1", messages: keyed(...messages) } });
    expect(value(plan, "A1")).toMatchObject({ ...ANSWER, modelName: "m", modelIdx: 0 });
    expect(plan.remove).toEqual([]);
  });

  test("a stamp is never stored", () => {
    const plan = merge(storedOf(), {
      messages: [user("U1", { revision: 5, x: 1 }), user("U2", { revision: 9 })],
    });
    for (const message of plan.forest.messages.values()) expect(message).not.toHaveProperty("revision");
  });
});

describe("the current message", () => {
  const CASES: [string, PostedChat, string][] = [
    ["stays where none is named", {}, "A1"],
    ["stays where an unknown one is named", { history: { currentId: "X" } }, "A1"],
    ["is the tutorial's current_id", { history: { current_id: "U1" } }, "U1"],
    ["is the chat's currentId", { currentId: "U1" }, "U1"],
    [
      "is the one that differs from the stored",
      { history: { currentId: "A1", current_id: "A1" }, currentId: "U1" },
      "U1",
    ],
    ["is the named one rather than a new one", { messages: [user("U2")], currentId: "A1" }, "A1"],
    ["is the new one where an unknown one is named", { messages: [user("U2")], currentId: "X" }, "U2"],
  ];
  test.each(CASES)("%s", (_name, chat, currentId) => {
    expect(merge(storedOf(), chat).currentId).toBe(currentId);
  });
});
