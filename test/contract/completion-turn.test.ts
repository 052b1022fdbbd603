import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  branchOf,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  finalMessage,
  MODEL,
  newChat,
  placeholder,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const lastRequest = () => stage.provider.requests.findLast(({ path }) => path === "/chat/completions")!.body!;
const currentIds = ({ chat }: Json) => [chat.currentId, chat.history.currentId, chat.history.current_id];

/** u1 > a1 (answered), a1 > u2: a second question that has no answer yet. */
async function secondQuestion() {
  const messages = [
    userMessage("u1", "One?"),
    placeholder("a1", "u1", { content: "One.", done: true }),
    userMessage("u2", "Two?", { parentId: "a1" }),
  ];
  return (await newChat(owner, chatOf(messages))).id;
}

function turn(chatId: string, id: string, more: Record<string, unknown> = {}) {
  return {
    chat_id: chatId,
    id,
    model: MODEL,
    stream: false,
    messages: [{ role: "user", content: "Two?" }],
    ...more,
  };
}

describe("where an answer hangs whose id the chat lacks", () => {
  const rows = [
    { name: "under parent_id", body: { parent_id: "u1" }, branch: ["u1", "new"] },
    { name: "under user_message", body: { user_message: { id: "u1" } }, branch: ["u1", "new"] },
    {
      name: "under parent_message, its alias",
      body: { parent_message: { id: "u1" } },
      branch: ["u1", "new"],
    },
    {
      name: "under user_message, with an equal parent_id",
      body: { user_message: { id: "u2" }, parent_id: "u2" },
      branch: ["u1", "a1", "u2", "new"],
    },
    {
      name: "under the current user message if it was asked last",
      body: {},
      branch: ["u1", "a1", "u2", "new"],
    },
    {
      name: "under a new user_message, which parent_id hangs",
      body: {
        user_message: { id: "u3", role: "user", content: "Three?" },
        parent_id: "a1",
        messages: [{ role: "user", content: "Three?" }],
      },
      branch: ["u1", "a1", "u3", "new"],
    },
  ];
  test.each(rows)("$name", async ({ body, branch }) => {
    const chatId = await secondQuestion();
    const reply = await complete(owner, turn(chatId, "new", body));
    expect(reply.status, reply.text).toBe(200);
    const record = await fetchChat(owner, chatId);
    expect(branchOf(record, "new")).toEqual(branch);
    expect(record.chat.history.messages.new).toMatchObject({ role: "assistant", done: true, model: MODEL });
    expect(record.chat.history.messages[branch.at(-2)!].childrenIds).toContain("new");
    expect(currentIds(record)).toEqual(["new", "new", "new"]);
  });

  test("under the question, appended first, if the chat does not end with it", async () => {
    const chatId = await secondQuestion();
    const messages = [{ role: "user", content: "Three?" }];
    expectOk(await complete(owner, turn(chatId, "new", { messages })));
    const record = await fetchChat(owner, chatId);
    const branch = branchOf(record, "new");
    expect(branch.slice(0, 3)).toEqual(["u1", "a1", "u2"]);
    expect(branch).toHaveLength(5);
    expect(record.chat.history.messages[branch[3]!]).toMatchObject({ role: "user", content: "Three?" });
    expect(record.chat.messages.map(({ id }: Json) => id)).toEqual(branch);
  });

  test("a named parent that is not there is refused", async () => {
    const chatId = await secondQuestion();
    const before = await fetchChat(owner, chatId);
    const reply = await complete(owner, turn(chatId, "new", { parent_id: "nowhere" }));
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(detailOf(reply)).toContain("nowhere");
    expect((await fetchChat(owner, chatId)).chat).toEqual(before.chat);
  });

  test("an answer is never its own parent", async () => {
    const chat = await askedChat(owner);
    const before = await fetchChat(owner, chat.chatId);
    const reply = await complete(owner, completionBody(chat, { parent_id: chat.answerId }));
    expect(reply.status).toBe(400);
    expect((await fetchChat(owner, chat.chatId)).chat).toEqual(before.chat);
  });

  test.each([{}, { parent_id: null }, { user_message: null }])(
    "a placeholder's own link wins over an absent or null one: %j",
    async (more) => {
      const chat = await askedChat(owner);
      expectOk(await complete(owner, completionBody(chat, { stream: false, ...more })));
      expect(branchOf(await fetchChat(owner, chat.chatId), chat.answerId)).toEqual([
        chat.userId,
        chat.answerId,
      ]);
    },
  );

  test("a user's message is never answered over: its id as the answer's is refused", async () => {
    const chat = await askedChat(owner);
    const reply = await complete(owner, { ...completionBody(chat), id: chat.userId });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    const { content } = (await fetchChat(owner, chat.chatId)).chat.history.messages[chat.userId];
    expect(content).toBe(chat.question);
  });
});

test("a completion makes its message current when it starts, in all three names", async () => {
  const messages = [
    userMessage("u", "[[tokens=30]] [[delay=15]]"),
    placeholder("a", "u"),
    placeholder("b", "u"),
  ];
  const { id: chatId } = await newChat(owner, chatOf(messages));
  await trigger(owner, { chatId, userId: "u", answerId: "a", question: "[[tokens=30]] [[delay=15]]" });
  const record = await fetchChat(owner, chatId);
  expect(currentIds(record)).toEqual(["a", "a", "a"]);
  expect(
    record.chat.messages.map(({ id }: Json) => id),
    "the branch, then the other answers",
  ).toEqual(["u", "a", "b"]);
  await finalMessage(owner, chatId, "a");
});

describe("messages left out", () => {
  test("the branch is sent, by user_message", async () => {
    const chatId = await secondQuestion();
    const { messages: _, ...body } = turn(chatId, "new", { user_message: { id: "u2" } });
    expectOk(await complete(owner, body));
    expect(lastRequest().messages).toEqual([
      { role: "user", content: "One?" },
      { role: "assistant", content: "One." },
      { role: "user", content: "Two?" },
    ]);
  });

  test("given messages go to the provider as they are", async () => {
    const chatId = await secondQuestion();
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Two?" },
    ];
    expectOk(await complete(owner, turn(chatId, "new", { messages, user_message: { id: "u2" } })));
    expect(lastRequest().messages).toEqual(messages);
  });

  test("with nothing to rebuild from it is refused", async () => {
    const reply = await complete(owner, { model: MODEL, stream: false });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
  });
});

describe("several models under one question", () => {
  const list = [
    { model_id: "gpt-4o", message_id: "m1", modelIdx: 0 },
    { model_id: "gpt-4o-mini", message_id: "m2", modelIdx: 1 },
  ];
  test.each([
    { name: "a list", message_ids: list, id: undefined },
    { name: "a list, with id", message_ids: list, id: "m1" },
    { name: "the older dict", message_ids: { "gpt-4o": "m1", "gpt-4o-mini": "m2" }, id: undefined },
  ])("$name: one ack, one answer each, the first is current", async ({ message_ids, id }) => {
    const chatId = await secondQuestion();
    const body = {
      ...turn(chatId, "unused", { message_ids, user_message: { id: "u2" }, stream: true }),
      session_id: "s",
    };
    const reply = await complete(owner, { ...body, id });
    expect(reply.form, reply.text).toBe("ack");
    expect(reply.body).toMatchObject({ chat_id: chatId, task_id: reply.body.task_ids[0] });
    expect(new Set(reply.body.task_ids).size).toBe(2);
    const [first, second] = [
      await finalMessage(owner, chatId, "m1"),
      await finalMessage(owner, chatId, "m2"),
    ];
    expect(first).toMatchObject({ parentId: "u2", model: "gpt-4o", modelIdx: 0, role: "assistant" });
    expect(second).toMatchObject({ parentId: "u2", model: "gpt-4o-mini", modelIdx: 1 });
    expect(second.content).toContain("gpt-4o-mini");
    const record = await fetchChat(owner, chatId);
    expect(currentIds(record)).toEqual(["m1", "m1", "m1"]);
    expect(record.chat.messages.map((message: Json) => message.id)).toEqual(["u1", "a1", "u2", "m1", "m2"]);
    expect(record.chat.history.messages.u2.childrenIds).toEqual(["m1", "m2"]);
  });

  test("one of them unknown: refused, nothing made", async () => {
    const chatId = await secondQuestion();
    const message_ids = [list[0], { model_id: "no-such-model", message_id: "m2", modelIdx: 1 }];
    const reply = await complete(
      owner,
      turn(chatId, "m1", { message_ids, user_message: { id: "u2" }, session_id: "s" }),
    );
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(Object.keys((await fetchChat(owner, chatId)).chat.history.messages)).toEqual(["u1", "a1", "u2"]);
  });
});

describe("one call that makes the chat too", () => {
  const user_message = { id: "u", role: "user", content: "Hi, what is the capital of France?" };
  const rows = [
    { name: "ack", body: { user_message, id: "a", session_id: "s" }, accept: "application/json" },
    { name: "SSE", body: { user_message, id: "a" }, accept: "*/*" },
    { name: "JSON", body: { user_message, id: "a", stream: false }, accept: "*/*" },
    { name: "SSE without id", body: { user_message }, accept: "*/*" },
    {
      name: "JSON without user_message: the last of messages is the question",
      body: { id: "a", stream: false, messages: [{ role: "user", content: user_message.content }] },
      accept: "*/*",
    },
  ];
  test.each(rows)("$name", async ({ body, accept }) => {
    const reply = await complete(owner, { model: MODEL, stream: true, parent_id: null, ...body }, accept);
    expect(reply.status, reply.text).toBe(200);
    const chatId =
      reply.form === "ack" ? reply.body.chat_id : (reply.headers.get("x-chat-id") ?? "no X-Chat-Id");
    if (reply.form === "sse") expect(reply.chunks[0].chat_id).toBe(chatId);
    if (reply.form === "completion") expect(reply.body.chat_id).toBe(chatId);
    const record = await eventually("the chat has its answer", async () => {
      const found = await fetchChat(owner, chatId);
      return found.chat.messages.at(-1)?.done === true ? found : undefined;
    });
    expect(record.chat.messages).toHaveLength(2);
    const [question, answer] = record.chat.messages;
    expect(question).toMatchObject({ role: "user", content: user_message.content, parentId: null });
    expect(answer).toMatchObject({ role: "assistant", parentId: question.id, model: MODEL });
    expect(answer.content).toBe("The capital of France is Paris.");
    expect(record.chat.models).toEqual([MODEL]);
    if ("id" in body) expect(answer.id).toBe("a");
  });

  test("an unknown model makes no chat", async () => {
    const count = (await owner.get("/api/v1/chats/")).body.length;
    const reply = await complete(owner, { model: "no-such-model", parent_id: null, user_message });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect((await owner.get("/api/v1/chats/")).body).toHaveLength(count);
  });
});
