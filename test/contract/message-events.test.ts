import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  expectOk,
  fetchMessage,
  newChat,
  placeholder,
  STALLED,
  STALLED_TEXT,
  stalled,
  stopChat,
  trigger,
  userMessage,
} from "../support/chat.ts";
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

async function finishedChat(): Promise<string> {
  const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: "Hello", done: true })];
  return (await newChat(owner, chatOf(messages))).id;
}
const postEvent = (chatId: string, event: Json, messageId = "a") =>
  owner.post(`/api/v1/chats/${chatId}/messages/${messageId}/event`, event);

describe("what of a posted event is kept", () => {
  const rows: { event: Json; kept: Json }[] = [
    {
      event: { type: "status", data: { description: "d", done: true } },
      kept: { statusHistory: [{ description: "d" }] },
    },
    { event: { type: "message", data: { content: " there" } }, kept: { content: "Hello there" } },
    { event: { type: "replace", data: { content: "Good day" } }, kept: { content: "Good day" } },
    { event: { type: "no-such-type", data: { content: "x" } }, kept: { content: "Hello" } },
    { event: { type: "__proto__", data: {} }, kept: { content: "Hello" } },
  ];
  test.each(rows)("$event", async ({ event, kept }) => {
    const chatId = await finishedChat();
    expect(expectOk(await postEvent(chatId, event))).toBe(true);
    expect(await fetchMessage(owner, chatId, "a")).toMatchObject(kept);
  });

  test.each([
    { type: "replace", data: { content: 5 } },
    { type: "replace", data: { content: { a: 1 } } },
    { type: "message", data: { content: {} } },
    { type: "status", data: 5 },
    { type: "source", data: null },
    { type: "files", data: { files: "x" } },
  ])("%j has the wrong shape: refused or not kept", async (event) => {
    const chatId = await finishedChat();
    const before = await fetchMessage(owner, chatId, "a");
    const reply = await postEvent(chatId, event);
    expect([200, 400, 422]).toContain(reply.status);
    const { content, statusHistory, sources, files } = await fetchMessage(owner, chatId, "a");
    expect({ content, statusHistory, sources, files }).toEqual({
      content: before.content,
      statusHistory: undefined,
      sources: undefined,
      files: undefined,
    });
  });

  test.each(["no-such-message", "u"])("of a message %s", async (messageId) => {
    const reply = await postEvent(
      await finishedChat(),
      { type: "status", data: { description: "d" } },
      messageId,
    );
    if (messageId === "u") expect(reply.status).toBe(200);
    else {
      expect([400, 401, 404]).toContain(reply.status);
      expect(detailOf(reply)).toContain(messageId);
    }
  });
});

describe("an answer that runs", () => {
  test.each([
    { name: "an edit", path: "", body: { content: "mine" } },
    { name: "a replace event", path: "/event", body: { type: "replace", data: { content: "mine" } } },
    { name: "a message event", path: "/event", body: { type: "message", data: { content: "mine" } } },
  ])("keeps its empty content and its text from $name", async ({ path, body }) => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    const reply = await owner.post(`/api/v1/chats/${chat.chatId}/messages/${chat.answerId}${path}`, body);
    expect([200, 409]).toContain(reply.status);
    expect(await fetchMessage(owner, chat.chatId, chat.answerId)).toMatchObject({ content: "", done: false });
    await stopChat(owner, chat.chatId);
    const { content } = await fetchMessage(owner, chat.chatId, chat.answerId);
    expect(content.trim()).toBe(STALLED_TEXT);
  });

  test("keeps a status that is posted meanwhile", async () => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    const status = { type: "status", data: { description: "Looking", done: false } };
    expectOk(await postEvent(chat.chatId, status, chat.answerId));
    await stopChat(owner, chat.chatId);
    expect((await fetchMessage(owner, chat.chatId, chat.answerId)).statusHistory).toContainEqual(
      expect.objectContaining(status.data),
    );
  });

  test("cannot be deleted from under its task without the task ending", async () => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    const reply = await owner.delete(`/api/v1/chats/${chat.chatId}/messages/${chat.answerId}`);
    if (reply.status === 200) expect(await fetchMessage(owner, chat.chatId, chat.answerId)).toBeUndefined();
    else {
      expect(reply.status).toBe(409);
      expect(await fetchMessage(owner, chat.chatId, chat.answerId)).toMatchObject({ done: false });
      await stopChat(owner, chat.chatId);
    }
    const [answer] = stage.provider.requests.filter((request) => request.method === "POST");
    await answer!.closed;
  });
});
