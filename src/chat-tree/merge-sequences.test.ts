import fc from "fast-check";
import { expect, test } from "vitest";
import type { PostedChat } from "../contract/chat.ts";
import { contentText } from "../contract/content-text.ts";
import type { WireMessage } from "../contract/message.ts";
import { OffstageError } from "../errors.ts";
import { deriveChildren } from "./derive-children.ts";
import { branch, type Forest, linearMessages } from "./forest.ts";
import { type MergePlan, mergePost, type StoredForest } from "./merge-post.ts";
import { normaliseNewChat } from "./new-chat.ts";
import { parsePostedForest } from "./posted-chat.ts";
import type { MessageFacts } from "./revise-message.ts";
import { validateForest } from "./validate-forest.ts";

/** A chat as a server keeps it: rows are written from plans alone. */
interface ModelChat {
  stored: StoredForest;
  revision: number;
}

/** What a client does next. Numbers choose among what is there at that time. */
type Act =
  | { does: "append"; role: "user" | "assistant"; linked: boolean; at: number }
  | { does: "edit"; at: number; content: string; stamped: boolean }
  | { does: "move"; at: number; to: number }
  | { does: "order"; at: number }
  | { does: "repeatBranch"; text: string }
  | { does: "look" }
  | { does: "saveSnapshot"; omit: number; adds: boolean; stamped: boolean }
  | { does: "startAnswer" | "endAnswer"; at: number };

const number = fc.nat({ max: 12 });
const text = fc.constantFrom("", "A", "An answer", "An answer, whole", "Another");
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    does: fc.constant("append" as const),
    role: fc.constantFrom("user" as const, "assistant" as const),
    linked: fc.boolean(),
    at: number,
  }),
  fc.record({ does: fc.constant("edit" as const), at: number, content: text, stamped: fc.boolean() }),
  fc.record({ does: fc.constant("move" as const), at: number, to: number }),
  fc.record({ does: fc.constant("order" as const), at: number }),
  fc.record({ does: fc.constant("repeatBranch" as const), text }),
  fc.record({ does: fc.constant("look" as const) }),
  fc.record({
    does: fc.constant("saveSnapshot" as const),
    omit: number,
    adds: fc.boolean(),
    stamped: fc.boolean(),
  }),
  fc.record({ does: fc.constantFrom("startAnswer" as const, "endAnswer" as const), at: number }),
);

const NO_IDS = () => {
  throw new Error("every message of these posts has an id");
};
const merge = (stored: StoredForest, chat: PostedChat) =>
  mergePost(stored, parsePostedForest(chat, { newId: NO_IDS }));
const pick = <T>(items: readonly T[], at: number): T | undefined => items[at % Math.max(items.length, 1)];
const byId = (messages: (WireMessage & { id: string })[]) =>
  Object.fromEntries(messages.map((message) => [message.id, message]));

/** The chat after a plan, from its rows: what is inserted, changed, removed and marked, and nothing else of it. */
function applyPlan({ stored, revision }: ModelChat, plan: MergePlan): ModelChat {
  const rows = new Map(stored.messages);
  const facts = new Map(stored.facts);
  for (const message of plan.change) {
    rows.set(message.id, message);
    facts.set(message.id, { ...facts.get(message.id)!, revision: revision + 1, inSnapshot: false });
  }
  for (const message of plan.insert) {
    rows.set(message.id, message);
    facts.set(message.id, { revision: revision + 1, answerState: "none" });
  }
  for (const id of plan.seen) facts.set(id, { ...facts.get(id)!, inSnapshot: true });
  for (const id of plan.remove) {
    rows.delete(id);
    facts.delete(id);
  }
  const order = plan.reordered ? [...plan.forest.messages.keys()] : [...rows.keys()];
  const ordered = new Map(order.map((id) => [id, rows.get(id)!]));
  const messages = deriveChildren(ordered, new Map());
  return { stored: { messages, currentId: plan.currentId, facts }, revision: revision + 1 };
}

function withAnswer(
  { stored, revision }: ModelChat,
  id: string,
  answerState: "running" | "final",
): ModelChat {
  const messages = new Map(stored.messages);
  const content = answerState === "running" ? "" : "An answer, whole";
  messages.set(id, { ...messages.get(id)!, content, done: answerState === "final" });
  const facts = new Map(stored.facts).set(id, {
    ...stored.facts.get(id)!,
    revision: revision + 1,
    answerState,
  });
  return { stored: { messages, currentId: stored.currentId, facts }, revision: revision + 1 };
}

/** The post that an act makes of what its client sees; undefined where it makes none. */
function postOf(
  action: Act,
  { stored }: ModelChat,
  view: ModelChat,
  freshId: string,
): PostedChat | undefined {
  const ids = [...stored.messages.keys()];
  const stampOf = (id: string, of: ModelChat) => ({ revision: of.stored.facts.get(id)!.revision });
  if (action.does === "append") {
    const parentId = action.linked ? pick(ids, action.at) : undefined;
    return {
      messages: [{ id: freshId, role: action.role, content: action.role, ...(parentId && { parentId }) }],
    };
  }
  if (action.does === "edit") {
    const id = pick([...view.stored.messages.keys()], action.at);
    if (id === undefined) return undefined;
    const whole = { id, role: "assistant" as const, content: action.content };
    return { messages: [{ ...whole, ...(action.stamped && stampOf(id, view)) }] };
  }
  if (action.does === "move") {
    const id = pick(ids, action.at);
    const parentId = pick(ids, action.to);
    return id && parentId ? { history: { messages: { [id]: { parentId } } } } : undefined;
  }
  if (action.does === "order") {
    const message = pick([...stored.messages.values()], action.at);
    return (
      message && {
        history: { messages: { [message.id]: { childrenIds: message.childrenIds.toReversed() } } },
      }
    );
  }
  if (action.does === "repeatBranch") {
    const messages = branch(stored).map(({ id, role }) => ({
      id,
      role: role as "user",
      content: action.text,
    }));
    return { messages: [...messages, { id: freshId, role: "user", content: "next" }], currentId: freshId };
  }
  return action.does === "saveSnapshot" ? snapshotOf(action, view, freshId) : undefined;
}

function snapshotOf(
  { omit, adds, stamped }: Extract<Act, { does: "saveSnapshot" }>,
  { stored }: ModelChat,
  freshId: string,
): PostedChat {
  const omitted = pick(
    [...stored.messages.values()].filter(({ childrenIds }) => childrenIds.length === 0),
    omit,
  );
  const kept = [...stored.messages.values()].filter((message) => message !== omitted);
  const last = kept.at(-1)?.id ?? null;
  const added = { id: freshId, role: "user" as const, content: "new", parentId: last, childrenIds: [] };
  const saved = kept.map(({ id, ...message }) => {
    const childrenIds = message.childrenIds.filter((child) => child !== omitted?.id);
    if (adds && id === last) childrenIds.push(freshId);
    return {
      ...message,
      id,
      childrenIds,
      ...(stamped && { revision: stored.facts.get(id)!.revision }),
    } as WireMessage & {
      id: string;
    };
  });
  return { history: { currentId: adds ? freshId : last, messages: byId(adds ? [...saved, added] : saved) } };
}

function answerAfter(action: Act, chat: ModelChat): ModelChat {
  if (action.does !== "startAnswer" && action.does !== "endAnswer") return chat;
  const wanted = action.does === "startAnswer" ? "none" : "running";
  const candidates = [...chat.stored.messages.values()].filter(
    ({ id, role }) => role === "assistant" && chat.stored.facts.get(id)!.answerState === wanted,
  );
  const message = pick(candidates, action.at);
  if (message === undefined) return chat;
  return withAnswer(chat, message.id, action.does === "startAnswer" ? "running" : "final");
}

function newChat(): ModelChat {
  const messages: WireMessage[] = [
    { id: "u", role: "user", content: "Question" },
    { id: "a", role: "assistant", content: "" },
  ];
  const forest = normaliseNewChat({ messages }, { newId: NO_IDS });
  const facts = forest.messages
    .keys()
    .map((id): [string, MessageFacts] => [id, { revision: 1, answerState: "none", inSnapshot: true }]);
  return { stored: { ...forest, facts: new Map(facts) }, revision: 1 };
}

/** Plays the acts from a new chat, with one client's view that is as old as its last look, and tells each post. */
function play(
  acts: readonly Act[],
  tell: (before: ModelChat, post: PostedChat, plan: MergePlan, after: ModelChat) => void,
) {
  let chat = newChat();
  let view = chat;
  for (const [index, action] of acts.entries()) {
    if (action.does === "look") view = chat;
    chat = answerAfter(action, chat);
    const post = postOf(action, chat, view, `m${index}`);
    if (post === undefined) continue;
    try {
      const plan = merge(chat.stored, post);
      const after = applyPlan(chat, plan);
      tell(chat, post, plan, after);
      chat = after;
    } catch (error) {
      if (!(error instanceof OffstageError)) throw error;
      expect(error.message).toMatch(/goes round|its own parent/);
    }
  }
}

const check = (tell: Parameters<typeof play>[1]) =>
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => play(acts, tell)),
    { numRuns: 400 },
  );
const plain = ({ messages, currentId }: Forest) => ({ messages: [...messages], currentId });

test("any sequence of posts keeps the forest valid, and a plan's rows make its forest", () => {
  check((_before, _post, plan, after) => {
    expect(validateForest(plan.forest)).toEqual([]);
    expect(plain(after.stored)).toEqual(plain(plan.forest));
  });
});

test("a stored message is lost only to a snapshot whose poster had seen it, and never while it is answered", () => {
  check(({ stored }, post, plan) => {
    const stamps = Object.values(post.history?.messages ?? {}).map(({ revision }) => Number(revision ?? 0));
    for (const id of stored.messages.keys().filter((id) => !plan.forest.messages.has(id))) {
      const { revision, answerState, inSnapshot } = stored.facts.get(id)!;
      expect(plan.kind).toBe("replace");
      expect(plan.remove).toContain(id);
      expect(answerState).not.toBe("running");
      expect(inSnapshot || revision <= Math.max(0, ...stamps)).toBe(true);
    }
  });
});

test("the same post merged again changes nothing", () => {
  check((_before, post, plan, after) => {
    const again = merge(after.stored, post);
    expect(plain(again.forest)).toEqual(plain(plan.forest));
    expect(again).toMatchObject({ insert: [], change: [], remove: [], seen: [], reordered: false });
  });
});

test("a final answer never loses its text, nor a running one its silence", () => {
  check(({ stored }, _post, plan) => {
    for (const [id, { answerState }] of stored.facts) {
      const now = contentText(plan.forest.messages.get(id)?.content ?? "kept out");
      if (answerState === "final") expect(now).not.toBe("");
      if (answerState === "running") expect(now).toBe("");
    }
  });
});

test("the linear order holds each message once, and begins with the branch", () => {
  check((_before, _post, { forest }) => {
    const linear = linearMessages(forest);
    expect(new Set(linear).size).toBe(linear.length);
    expect(linear.slice(0, branch(forest).length)).toEqual(branch(forest));
  });
});

test("a post of 40,000 messages to a chat of 20,000 takes four times the reads of a quarter of both", () => {
  const readsOf = (count: number): number => {
    let reads = 0;
    const counted = <T extends object>(message: T): T =>
      new Proxy(message, {
        get(target, key, receiver) {
          reads += 1;
          return Reflect.get(target, key, receiver);
        },
      });
    const messagesOf = (prefix: string, more: object) =>
      Array.from({ length: count }, (_, index): WireMessage => {
        const role = index % 2 === 0 ? "user" : "assistant";
        return counted({ id: `${prefix}${index}`, role, content: "text", ...more });
      });
    const { messages, currentId } = normaliseNewChat({ messages: messagesOf("m", {}) }, { newId: NO_IDS });
    const stored = new Map(messages.entries().map(([id, message]) => [id, counted(message)]));
    const posted = [...messagesOf("m", { rating: 1 }), ...messagesOf("n", {})];
    const plan = merge({ messages: stored, currentId, facts: new Map() }, { messages: posted });
    expect(plan.change).toHaveLength(count);
    expect(plan.insert).toHaveLength(count);
    expect(branch(plan.forest)).toHaveLength(2 * count);
    return reads;
  };
  expect(readsOf(20_000) / readsOf(5_000)).toBeCloseTo(4, 1);
});
