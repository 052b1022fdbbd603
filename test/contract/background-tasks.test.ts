import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type AskedChat,
  askedChat,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  MODEL,
  noTasks,
  STALLED,
  STALLED_TEXT,
  stalled,
  stopChat,
  trigger,
} from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const ALL = { title_generation: true, tags_generation: true, follow_up_generation: true };
const NONE = { title_generation: false, tags_generation: false, follow_up_generation: false };

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const prompts = () =>
  stage.provider.requests
    .filter(({ path }) => path === "/chat/completions")
    .map(({ body }) => JSON.stringify(body!.messages))
    .filter((text) => text.includes("### Task:"));
const asking = (key: string) => prompts().filter((text) => text.includes(`\\"${key}\\"`)).length;

/** Has a chat answered with these background tasks; resolves once all its work is over. */
async function answered(
  background_tasks: unknown,
  more: Record<string, unknown> = {},
): Promise<AskedChat & { record: Json }> {
  const chat = await askedChat(owner);
  expectOk(await complete(owner, completionBody(chat, { stream: false, background_tasks, ...more })));
  await noTasks(owner, chat.chatId);
  return { ...chat, record: await fetchChat(owner, chat.chatId) };
}

describe("what is asked for is made, each exactly once", () => {
  test("title, tags and follow-ups", async () => {
    const { record, answerId } = await answered(ALL);
    expect(record.title).toContain("Capital of France");
    expect(record.chat.title).toBe(record.title);
    expect(record.chat.tags.map((tag: Json) => tag.name.toLowerCase())).toEqual(["geography", "europe"]);
    expect(record.meta.tags).toEqual(["geography", "europe"]);
    const message = record.chat.history.messages[answerId];
    expect(message.followUps).toHaveLength(3);
    expect([asking("title"), asking("tags"), asking("follow_ups")]).toEqual([1, 1, 1]);
    expect(prompts()).toHaveLength(3);
  });

  test.each([
    { wanted: { ...NONE, title_generation: true }, counts: [1, 0, 0] },
    { wanted: { ...NONE, tags_generation: true }, counts: [0, 1, 0] },
    { wanted: { ...NONE, follow_up_generation: true }, counts: [0, 0, 1] },
    { wanted: NONE, counts: [0, 0, 0] },
    { wanted: {}, counts: [0, 0, 0] },
    { wanted: undefined, counts: [0, 0, 0] },
    { wanted: null, counts: [0, 0, 0] },
  ])("$wanted", async ({ wanted, counts }) => {
    const { record } = await answered(wanted);
    expect([asking("title"), asking("tags"), asking("follow_ups")]).toEqual(counts);
    if (counts[0] === 0) expect(record.title).toBe("New Chat");
    if (counts[1] === 0) expect(record.chat.tags).toEqual([]);
  });

  test.each(["SSE", "JSON", "ack"])("also when the answer goes out as %s", async (form) => {
    const body = form === "ack" ? { stream: true, session_id: "s" } : { stream: form === "SSE" };
    const chat = await askedChat(owner);
    const reply = await complete(
      owner,
      completionBody(chat, { ...body, background_tasks: ALL }),
      form === "ack" ? "application/json" : "*/*",
    );
    expect(reply.status).toBe(200);
    await noTasks(owner, chat.chatId);
    expect((await fetchChat(owner, chat.chatId)).title).toContain("Capital of France");
    expect(prompts()).toHaveLength(3);
  });

  test("a second turn with its own wishes", async () => {
    const { chatId, answerId } = await answered(ALL);
    stage.provider.reset();
    const body = {
      chat_id: chatId,
      id: "second",
      model: MODEL,
      stream: false,
      user_message: { id: "u2", role: "user", content: "And of Italy?", parentId: answerId },
      parent_id: answerId,
      background_tasks: { follow_up_generation: true },
    };
    expectOk(await complete(owner, body));
    await noTasks(owner, chatId);
    expect(prompts()).toHaveLength(1);
    expect((await fetchChat(owner, chatId)).chat.history.messages.second.followUps).toHaveLength(3);
  });

  test("with several models the title is made once", async () => {
    const chat = await askedChat(owner);
    const message_ids = [
      { model_id: "gpt-4o", message_id: chat.answerId, modelIdx: 0 },
      { model_id: "gpt-4o-mini", message_id: "other", modelIdx: 1 },
    ];
    const more = {
      message_ids,
      session_id: "s",
      background_tasks: { title_generation: true },
      user_message: { id: chat.userId },
    };
    expectOk(await complete(owner, completionBody(chat, more)));
    await noTasks(owner, chat.chatId);
    expect(asking("title")).toBe(1);
  });

  test("prompts hold the conversation, ask for JSON, and keep to fields that providers know", async () => {
    await answered(ALL);
    for (const prompt of prompts()) {
      expect(prompt).toContain("capital of France");
      expect(prompt).toContain("Paris");
      expect(prompt).toMatch(/JSON/);
    }
    for (const { body } of stage.provider.requests.filter(({ path }) => path === "/chat/completions")) {
      expect(body).not.toHaveProperty("background_tasks");
    }
  });
});

describe("what goes wrong is visible and hurts nothing else", () => {
  test("an answer that is no JSON: the title falls back to words of the question", async () => {
    stage.provider.configure({ task: "plain" });
    const { record, answerId } = await answered(ALL);
    expect(record.title).not.toBe("New Chat");
    expect(record.title).not.toBe("");
    expect(record.title).toMatch(/capital|France|This is no JSON/i);
    const message = record.chat.history.messages[answerId];
    expect(message).toMatchObject({ done: true, content: "The capital of France is Paris." });
    expect(record.chat.tags).toEqual([]);
  });

  test("a failed task is named on the message", async () => {
    stage.provider.configure({ task: "status500" });
    const { record, answerId } = await answered({ title_generation: true });
    expect(record.title).toBe("New Chat");
    const message = record.chat.history.messages[answerId];
    expect(message).toMatchObject({ done: true, content: "The capital of France is Paris." });
    expect(message.error ?? null).toBeNull();
    expect(JSON.stringify(message.statusHistory)).toMatch(/title/i);
  });

  test("a failed answer gets no title, tags or follow-ups", async () => {
    const chat = await askedChat(owner, "[[status=500]]");
    await complete(owner, completionBody(chat, { stream: false, background_tasks: ALL }));
    await noTasks(owner, chat.chatId);
    expect(prompts()).toEqual([]);
    expect((await fetchChat(owner, chat.chatId)).title).toBe("New Chat");
  });
});

describe("chat/completed", () => {
  const completed = (chat: AskedChat, more: Record<string, unknown> = {}) =>
    owner.post("/api/chat/completed", {
      chat_id: chat.chatId,
      id: chat.answerId,
      session_id: "session-id",
      model: MODEL,
      ...more,
    });

  test("waits for the message's background tasks, so that step 7 has the title", async () => {
    stage.provider.configure({ task: "slow", slowMs: 400 });
    const chat = await askedChat(owner);
    const background_tasks = { title_generation: true };
    expectOk(
      await complete(owner, completionBody(chat, { background_tasks }), "text/event-stream").then(asJson),
    );
    expectOk(await completed(chat));
    expect((await fetchChat(owner, chat.chatId)).title).toContain("Capital of France");
  });

  test("echoes what it was sent", async () => {
    const chat = await answered(NONE);
    const body = expectOk(await completed(chat, { mine: 1 }));
    expect(body).toMatchObject({
      chat_id: chat.chatId,
      id: chat.answerId,
      session_id: "session-id",
      mine: 1,
    });
  });

  test("never writes over an answer, final or running", async () => {
    const chat = await answered(NONE);
    const messages = [{ id: chat.answerId, role: "assistant", content: "Something else." }];
    expectOk(await completed(chat, { messages }));
    const record = await fetchChat(owner, chat.chatId);
    expect(record.chat).toEqual(chat.record.chat);
  });

  test("has no effect on an answer that runs", async () => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    const reply = completed(chat, { messages: [{ id: chat.answerId, role: "assistant", content: "Mine." }] });
    await stopChat(owner, chat.chatId);
    expectOk(await reply);
    const message = await fetchMessage(owner, chat.chatId, chat.answerId);
    expect(message.content.trim()).toBe(STALLED_TEXT);
  });

  test("stores messages into an empty placeholder of which no task ran", async () => {
    const chat = await askedChat(owner);
    const messages = [{ id: chat.answerId, role: "assistant", content: "Made elsewhere." }];
    expectOk(await completed(chat, { messages }));
    const record = await fetchChat(owner, chat.chatId);
    expect(record.chat.history.messages[chat.answerId].content).toBe("Made elsewhere.");
    expect(record.chat.messages[1].content).toBe("Made elsewhere.");
  });

  test.each(["model", "chat_id", "id", "session_id"])("without %s it is refused", async (field) => {
    const chat = await askedChat(owner);
    const reply = await completed(chat, { [field]: undefined });
    expect([400, 422]).toContain(reply.status);
    expect(JSON.stringify(reply.body.detail)).toContain(field);
  });

  function asJson<T extends { status: number; body: Json }>(reply: T): T {
    return { ...reply, body: reply.body ?? {} };
  }
});
