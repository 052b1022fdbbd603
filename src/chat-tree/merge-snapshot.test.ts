import { describe, expect, test } from "vitest";
import type { PostedChat } from "../contract/chat.ts";
import type { WireMessage } from "../contract/message.ts";
import { branch } from "./forest.ts";
import { mergePost, type StoredForest } from "./merge-post.ts";
import { normaliseNewChat } from "./new-chat.ts";
import { parsePostedForest } from "./posted-chat.ts";
import type { MessageFacts } from "./revise-message.ts";

const newId = () => crypto.randomUUID();
const user = (id: string, more: object = {}) => ({ id, role: "user" as const, content: id, ...more });
const answer = (id: string, content: string) => ({
  id,
  role: "assistant" as const,
  content,
  done: true,
  model: "m",
});
const ANSWERED = { messages: [user("U1"), { ...answer("A1", "Paris."), usage: { total_tokens: 9 } }] };
const LATER = { messages: [...ANSWERED.messages, user("U2"), answer("A2", "Rome.")] };

/** A chat at revision 5 in which `A1` was answered here, with facts of its own where given. */
function storedOf(facts: Record<string, Partial<MessageFacts>>, chat: PostedChat): StoredForest {
  const forest = normaliseNewChat(chat, { newId });
  const factsOf = (id: string): MessageFacts => ({
    revision: 5,
    answerState: id === "A1" ? "final" : "none",
    ...facts[id],
  });
  return { ...forest, facts: new Map(forest.messages.keys().map((id) => [id, factsOf(id)])) };
}

const merge = (stored: StoredForest, chat: PostedChat) =>
  mergePost(stored, parsePostedForest(chat, { newId }));
const keyed = (...messages: (WireMessage & { id: string })[]) =>
  Object.fromEntries(messages.map((message) => [message.id, message]));

/** What a web UI would save of the chat, with the stamps of a GET at that revision, less some messages, plus some. */
function snapshotOf(
  { messages, currentId, facts }: StoredForest,
  {
    stampedTo = 5,
    without = [],
    plus = [],
  }: { stampedTo?: number; without?: string[]; plus?: WireMessage[] } = {},
): PostedChat {
  const kept = [...messages.values()].filter(({ id }) => !without.includes(id));
  const saved = kept.map((message) => {
    const childrenIds = message.childrenIds.filter((id) => !without.includes(id));
    const revision = facts.get(message.id)!.revision;
    return { ...message, childrenIds, ...(revision <= stampedTo && { revision }) } as WireMessage & {
      id: string;
    };
  });
  const all = keyed(...saved, ...(plus as (WireMessage & { id: string })[]));
  const remaining = currentId !== null && !without.includes(currentId) ? currentId : kept.at(-1)?.id;
  return { history: { messages: all, currentId: plus.at(-1)?.id ?? remaining } };
}

describe("a snapshot", () => {
  test("deletes what it omits", () => {
    const stored = storedOf({}, LATER);
    const plan = merge(stored, snapshotOf(stored, { without: ["U2", "A2"] }));
    expect(plan).toMatchObject({
      kind: "replace",
      insert: [],
      change: [],
      remove: ["U2", "A2"],
      currentId: "A1",
    });
    expect(plan.forest.messages.get("A1")?.childrenIds).toEqual([]);
  });

  test("relinks the children of a message that it omits", () => {
    const stored = storedOf({ U2: { revision: 8 } }, LATER);
    const chat = snapshotOf(stored, { without: ["A1"] });
    chat.history!.messages!.U1!.childrenIds = ["U2"];
    chat.history!.messages!.U2!.parentId = "U1";
    const plan = merge(stored, chat);
    expect(plan.remove).toEqual(["A1"]);
    expect(branch(plan.forest).map(({ id }) => id)).toEqual(["U1", "U2", "A2"]);
  });

  test("keeps what is newer than its newest stamp, with the ancestors", () => {
    const stored = storedOf({ A2: { revision: 6 } }, LATER);
    expect(merge(stored, snapshotOf(stored, { without: ["U2", "A2"] })).remove).toEqual([]);
  });

  test("without stamps deletes only what an earlier one brought", () => {
    const brought = { inSnapshot: true };
    const stored = storedOf({ U1: brought, A1: brought, U2: brought }, LATER);
    const chat = snapshotOf(stored, { stampedTo: 0, without: ["A1", "U2", "A2"] });
    expect(merge(stored, chat).remove).toEqual([]);
    const answered = storedOf({ U1: brought, A2: { revision: 9, inSnapshot: true } }, LATER);
    const save = snapshotOf(answered, { stampedTo: 0, without: ["A2"] });
    expect(merge(answered, save).remove).toEqual(["A2"]);
  });

  test("keeps what is being answered, with the ancestors", () => {
    const stored = storedOf({ A2: { answerState: "running", inSnapshot: true } }, LATER);
    const plan = merge(stored, snapshotOf(stored, { without: ["A1", "U2", "A2"] }));
    expect(plan.remove).toEqual([]);
    expect(plan.currentId).toBe("U1");
  });

  test("takes no field away", () => {
    const stored = storedOf({}, ANSWERED);
    const bare: WireMessage = {
      id: "A1",
      role: "assistant",
      content: "Paris.",
      parentId: "U1",
      childrenIds: [],
      revision: 5,
    };
    const chat = snapshotOf(stored);
    chat.history!.messages!.A1 = bare;
    expect(merge(stored, chat)).toMatchObject({ kind: "replace", change: [] });
  });

  test("marks what it brings and changes as seen, and what was newer but is the same", () => {
    const stored = storedOf({ A1: { revision: 6 } }, ANSWERED);
    const added = user("U2", { parentId: "A1", childrenIds: [] });
    const chat = snapshotOf(stored, { plus: [added] });
    chat.history!.messages!.A1!.childrenIds = ["U2"];
    expect(merge(stored, chat).seen).toEqual(["A1", "U2"]);
    chat.history!.messages!.U1!.content = "edited";
    expect(merge(stored, chat).seen).toEqual(["U1", "A1", "U2"]);
  });

  test("is not believed where its stamp is older, unless an earlier one brought the message", () => {
    const stored = storedOf({ U1: { revision: 6 } }, ANSWERED);
    const chat = snapshotOf(stored);
    Object.assign(chat.history!.messages!.U1!, { content: "former text", revision: 5 });
    expect(merge(stored, chat)).toMatchObject({ kind: "replace", change: [], seen: [] });
    const brought = storedOf({ U1: { revision: 6, inSnapshot: true } }, ANSWERED);
    expect(merge(brought, chat)).toMatchObject({
      change: [{ id: "U1", content: "former text" }],
      seen: ["U1"],
    });
  });

  test("keeps its current message where the other names are of a former one, as a web UI's second save has them", () => {
    const stored = storedOf({}, LATER);
    const chat = snapshotOf(stored);
    Object.assign(chat.history!, { currentId: "A2", current_id: "A1" });
    expect(merge(stored, { ...chat, currentId: "A1" })).toMatchObject({ kind: "replace", currentId: "A2" });
  });

  const ALMOST: [string, (chat: PostedChat) => void][] = [
    [
      "history.currentId",
      ({ history }) => Object.assign(history!, { currentId: undefined, current_id: "A1" }),
    ],
    ["all parentIds", ({ history }) => Object.assign(history!.messages!.U1!, { parentId: undefined })],
    ["all childrenIds", ({ history }) => Object.assign(history!.messages!.U1!, { childrenIds: undefined })],
    ["all children", ({ history }) => Object.assign(history!.messages!.A1!, { childrenIds: ["U2"] })],
    ["its current message", ({ history }) => Object.assign(history!, { currentId: "A2" })],
  ];
  test.each(ALMOST)("is none without %s, and then deletes nothing", (_name, spoil) => {
    const stored = storedOf({}, LATER);
    const chat = snapshotOf(stored, { without: ["U2", "A2"] });
    spoil(chat);
    expect(merge(stored, chat)).toMatchObject({ kind: "merge", remove: [] });
  });

  test("is none where all that it shares with the chat came by no snapshot and no GET, as in a repeated new turn", () => {
    const chat = snapshotOf(storedOf({}, ANSWERED), { stampedTo: 0 });
    expect(merge(storedOf({}, LATER), chat)).toMatchObject({ kind: "merge", remove: [] });
    const brought = { U1: { inSnapshot: true }, A2: { inSnapshot: true } };
    expect(merge(storedOf(brought, LATER), chat)).toMatchObject({ kind: "replace", remove: ["A2"] });
  });

  test("is none where it shares no message with the chat", () => {
    const chat = {
      history: { currentId: "X", messages: keyed(user("X", { parentId: null, childrenIds: [] })) },
    };
    expect(merge(storedOf({}, ANSWERED), chat)).toMatchObject({ kind: "append", remove: [], currentId: "X" });
  });
});
