import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  finalMessage,
  newChat,
  placeholder,
  STALLED,
  stopChat,
  taskIds,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";
import { openTab } from "../support/socket.ts";

let stage: Stage;
let ann: Caller;
let bob: Caller;
let chatId: string;
let before: Json;

beforeAll(async () => {
  stage = await openStage();
  ann = await stage.addUser("ann");
  bob = await stage.addUser("bob");
  const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: "Secret.", done: true })];
  chatId = (await newChat(ann, chatOf(messages))).id;
  before = await fetchChat(ann, chatId);
});
afterAll(() => stage?.close());

/** Every way to name a chat; `C` stands for its id. */
const CALLS: { method: string; path: string; body?: Json }[] = [
  { method: "GET", path: "/api/v1/chats/C" },
  { method: "POST", path: "/api/v1/chats/C", body: { chat: { title: "Bob's" } } },
  {
    method: "POST",
    path: "/api/v1/chats/C",
    body: { chat: { history: { messages: { u: { content: "x" } } } } },
  },
  { method: "DELETE", path: "/api/v1/chats/C" },
  { method: "GET", path: "/api/v1/chats/C/tags" },
  { method: "POST", path: "/api/v1/chats/C/tags", body: { name: "bobs" } },
  { method: "DELETE", path: "/api/v1/chats/C/tags", body: { name: "bobs" } },
  { method: "POST", path: "/api/v1/chats/C/messages/a", body: { content: "Bob was here" } },
  { method: "DELETE", path: "/api/v1/chats/C/messages/a" },
  {
    method: "POST",
    path: "/api/v1/chats/C/messages/a/event",
    body: { type: "status", data: { description: "x", done: true } },
  },
  { method: "POST", path: "/api/tasks/chat/C/stop" },
  {
    method: "POST",
    path: "/api/chat/completions",
    body: { chat_id: "C", id: "a", model: "gpt-4o", messages: [{ role: "user", content: "x" }] },
  },
  {
    method: "POST",
    path: "/api/chat/completions",
    body: {
      chat_id: "C",
      id: "new",
      model: "gpt-4o",
      stream: true,
      messages: [{ role: "user", content: "x" }],
    },
  },
  {
    method: "POST",
    path: "/api/chat/completions",
    body: {
      chat_id: "C",
      message_ids: [{ model_id: "gpt-4o", message_id: "new", modelIdx: 0 }],
      user_message: { id: "u" },
      model: "gpt-4o",
      messages: [{ role: "user", content: "x" }],
    },
  },
  {
    method: "POST",
    path: "/api/chat/completed",
    body: { chat_id: "C", id: "a", session_id: "s", model: "gpt-4o", messages: [] },
  },
];

const fill = (value: Json, id: string): Json =>
  JSON.parse(JSON.stringify(value).replaceAll('"C"', `"${id}"`));
const call = (caller: Caller, { method, path, body }: (typeof CALLS)[number], id: string) =>
  caller.call(method, path.replace("/C", `/${id}`), body ? { body: fill(body, id) } : {});

describe("another user's chat", () => {
  test.each(CALLS)("$method $path is refused like one that is not there", async (row) => {
    const foreign = await call(bob, row, chatId);
    expect(foreign.status, foreign.text).toBeGreaterThanOrEqual(400);
    expect(foreign.status).toBeLessThan(500);
    expect(detailOf(foreign)).toMatch(/\w+/);
    const unknown = await call(bob, row, "00000000-0000-4000-8000-000000000000");
    expect(unknown.status).toBe(foreign.status);
    expect(detailOf(unknown).replace("00000000-0000-4000-8000-000000000000", chatId)).toBe(detailOf(foreign));
    expect(foreign.text).not.toContain("Secret");
  });

  test.each(CALLS)("$method $path is refused to nobody in particular with 401", async (row) => {
    const nobody: Caller = { ...bob };
    const reply = await nobody.call(row.method, row.path.replace("/C", `/${chatId}`), {
      ...(row.body ? { body: fill(row.body, chatId) } : {}),
      headers: { authorization: "Bearer garbage" },
    });
    expect(reply.status).toBe(401);
  });

  test("is as it was, and the provider never heard of it", async () => {
    expect(await fetchChat(ann, chatId)).toEqual(before);
    expect(stage.provider.requests.filter(({ path }) => path === "/chat/completions")).toEqual([]);
  });

  test("is in none of the stranger's lists, searches or tags", async () => {
    expectOk(await ann.post(`/api/v1/chats/${chatId}/tags`, { name: "annstag" }));
    const paths = [
      "/api/v1/chats/",
      "/api/v1/chats/list",
      "/api/v1/chats/?page=1",
      "/api/v1/chats/search?text=Secret",
      "/api/v1/chats/all/tags",
    ];
    for (const path of paths) {
      const reply = await bob.get(path);
      expect(reply.status, path).toBe(200);
      expect(reply.body, path).toEqual([]);
    }
    before = await fetchChat(ann, chatId);
  });

  test("the admin, too, has only his own in his lists", async () => {
    expect(JSON.stringify((await stage.owner.get("/api/v1/chats/")).body)).not.toContain(chatId);
  });
});

test("another user's task is not listed and cannot be stopped", async () => {
  const chat = await askedChat(ann, STALLED);
  const { taskId } = await trigger(ann, chat);
  expect(await taskIds(ann, chat.chatId)).toEqual([taskId]);
  const listed = await bob.get(`/api/tasks/chat/${chat.chatId}`);
  expect(listed.status === 200 ? listed.body.task_ids : []).toEqual([]);
  expect((await bob.get("/api/tasks")).text).not.toContain(taskId);
  for (const path of [`/api/tasks/stop/${taskId}`, `/api/tasks/chat/${chat.chatId}/stop`]) {
    const reply = await bob.post(path);
    expect(reply.status, path).toBeGreaterThanOrEqual(400);
    expect(reply.status, path).toBeLessThan(500);
  }
  expect(await taskIds(ann, chat.chatId)).toEqual([taskId]);
  await stopChat(ann, chat.chatId);
});

test("another user's session is never told anything, even if it is named", async () => {
  const tab = await openTab(stage.url, bob.token);
  try {
    const chat = await askedChat(ann);
    const reply = await complete(
      ann,
      completionBody(chat, { session_id: tab.sessionId }),
      "application/json",
    );
    expect(reply.form).toBe("ack");
    await finalMessage(ann, chat.chatId, chat.answerId);
    tab.socket.emit("events:chat", { chat_id: chat.chatId, data: { type: "join" } });
    const own = await askedChat(bob);
    await complete(bob, completionBody(own));
    await tab.waitFor((event) => event.messageId === own.answerId && event.data?.done === true);
    expect(tab.events.filter((event) => event.chatId === chat.chatId)).toEqual([]);
  } finally {
    tab.close();
  }
});

test("somebody else's or unknown files are refused, and nothing is begun", async () => {
  for (const files of [
    [{ id: "no-such-file", type: "file", status: "processed" }],
    [{ id: "no-such-collection", type: "collection", status: "processed" }],
    [{ id: "no-such-collection", type: "collection", status: "processing" }],
  ]) {
    const chat = await askedChat(ann);
    const reply = await complete(ann, completionBody(chat, { files }));
    expect(reply.status, JSON.stringify(files)).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(detailOf(reply)).toContain(files[0]!.id);
    const message = (await fetchChat(ann, chat.chatId)).chat.history.messages[chat.answerId];
    expect(message.content).toBe("");
    const chatLevel = await askedChat(ann, "Hi", { files });
    expect((await complete(ann, completionBody(chatLevel))).status).toBeGreaterThanOrEqual(400);
  }
});
