import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  MODEL,
  newChat,
  placeholder,
  userMessage,
} from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { account, openStage, PASSWORD, type Stage } from "../support/server.ts";
import { mutated } from "./mutations.ts";

const REQUESTS = 10_000;
const AT_ONCE = 8;
const SEED = 20_250_714;
const CHATS = 50;
/** Stands for a chat's id in paths and bodies. */
const CHAT = "some-chat-id";

let stage: Stage;
let user: Caller;
/** The requests are spread over these, so that none grows without bounds. */
const chatIds: string[] = [];

beforeAll(async () => {
  stage = await openStage({ provider: { record: false } });
  user = await stage.addUser("user");
  const messages = [
    userMessage("u1", "One?"),
    placeholder("a1", "u1", { content: "One.", done: true }),
    userMessage("u2", "Two?", { parentId: "a1" }),
  ];
  for (let count = 0; count < CHATS; count += 1) chatIds.push((await newChat(user, chatOf(messages))).id);
});
afterAll(() => stage?.close());

/** Every POST route with a body that it takes. Those that hash passwords come seldom: they are slow on purpose. */
function routes(): { weight: number; path: string; body: Json }[] {
  const turn = {
    model: MODEL,
    stream: true,
    session_id: "session-id",
    background_tasks: { title_generation: true, tags_generation: true, follow_up_generation: true },
    features: { web_search: true },
    variables: { "{{USER_NAME}}": "", "{{CURRENT_TIMEZONE}}": "Europe" },
    filter_ids: ["f"],
    files: [],
    params: { temperature: 0.5, system: "Hello {{USER_NAME}}" },
  };
  const messages = [{ role: "user", content: "Two?" }];
  const user_message = { id: "u2", parentId: "a1", role: "user", content: "Two?", models: [MODEL] };
  const snapshot = chatOf([
    userMessage("u1", "One?", { parentId: null, childrenIds: ["a1"] }),
    placeholder("a1", "u1", { content: "One.", done: true, childrenIds: ["u2"] }),
    userMessage("u2", "Two?", { parentId: "a1", childrenIds: [] }),
  ]);
  const message_ids = [{ model_id: MODEL, message_id: "m1", modelIdx: 0 }];
  return [
    {
      weight: 80,
      path: "/api/v1/chats/new",
      body: { chat: { ...snapshot, tags: ["x"], params: {}, files: [] } },
    },
    { weight: 80, path: `/api/v1/chats/${CHAT}`, body: { chat: snapshot } },
    { weight: 40, path: `/api/v1/chats/${CHAT}`, body: { chat: { messages: [userMessage("n", "More")] } } },
    {
      weight: 48,
      path: "/api/chat/completions",
      body: { ...turn, chat_id: CHAT, id: "n1", messages, user_message },
    },
    {
      weight: 32,
      path: "/api/chat/completions",
      body: { ...turn, chat_id: CHAT, message_ids, user_message, parent_id: "u2" },
    },
    { weight: 32, path: "/api/chat/completions", body: { ...turn, parent_id: null, user_message, id: "a" } },
    { weight: 16, path: "/api/chat/completions", body: { model: MODEL, messages, stream: true, tools: [] } },
    {
      weight: 32,
      path: "/api/chat/completed",
      body: { model: MODEL, chat_id: CHAT, id: "a1", session_id: "s", messages: snapshot.messages },
    },
    { weight: 24, path: `/api/v1/chats/${CHAT}/messages/a1`, body: { content: "One!" } },
    {
      weight: 24,
      path: `/api/v1/chats/${CHAT}/messages/a1/event`,
      body: { type: "status", data: { description: "d", done: true } },
    },
    { weight: 16, path: `/api/v1/chats/${CHAT}/tags`, body: { name: "tag" } },
    { weight: 8, path: `/api/tasks/chat/${CHAT}/stop`, body: {} },
    { weight: 8, path: "/api/tasks/stop/none", body: {} },
    {
      weight: 1,
      path: "/api/v1/auths/signin",
      body: { email: "user@example.org", password: "wrong password" },
    },
    { weight: 1, path: "/api/v1/auths/signup", body: account("late") },
    { weight: 1, path: "/api/v1/auths/add", body: { ...account("added"), role: "user" } },
    {
      weight: 1,
      path: "/api/v1/auths/update/password",
      body: { password: "wrong password", new_password: PASSWORD },
    },
  ];
}

test(`${REQUESTS} broken bodies: no 5xx, and the server goes on`, async () => {
  const cases = fc.sample(
    fc.oneof(
      ...routes().map(({ weight, path, body }) => ({
        weight,
        arbitrary: fc.record({ path: fc.constant(path), body: mutated(fc.constant(body)) }),
      })),
    ),
    { numRuns: REQUESTS, seed: SEED },
  );
  const failed: string[] = [];
  const statuses = new Map<number, number>();
  const queue = cases.entries();
  const worker = async () => {
    for (const [index, row] of queue) {
      const chatId = chatIds[index % CHATS]!;
      const [path, body] = [row.path.replace(CHAT, chatId), row.body.replaceAll(CHAT, chatId)];
      const caller = path === "/api/v1/auths/add" ? stage.owner : user;
      const reply = await caller.post(path, body, { accept: "application/json" });
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
      if (reply.status >= 500) {
        failed.push(`${path} ${body.slice(0, 400)}\n  ${reply.status} ${reply.text.slice(0, 300)}`);
      } else if (reply.status >= 400 && reply.body?.detail === undefined) {
        failed.push(
          `${path} ${body.slice(0, 400)}\n  ${reply.status} without a detail: ${reply.text.slice(0, 300)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(failed.slice(0, 20), `${failed.length} of ${REQUESTS}`).toEqual([]);
  expect(statuses.get(200), "some bodies must have stayed good").toBeGreaterThan(REQUESTS / 20);
  expect((statuses.get(400) ?? 0) + (statuses.get(422) ?? 0)).toBeGreaterThan(REQUESTS / 20);
});

test("afterwards every chat is a forest, and questions are answered", async () => {
  const list: Json[] = expectOk(await user.get("/api/v1/chats/"));
  for (const { id } of list.slice(0, 500)) {
    const { chat } = expectOk(await user.get(`/api/v1/chats/${encodeURIComponent(id)}`));
    const messages = new Map(Object.entries<Json>(chat.history.messages));
    for (const [messageId, message] of messages) {
      expect(message.id).toBe(messageId);
      if (message.parentId !== null) {
        expect(messages.get(message.parentId)?.childrenIds).toContain(messageId);
      }
      const above = new Set<string>();
      for (let at: string | null = messageId; at !== null; at = messages.get(at)!.parentId) {
        expect(above).not.toContain(at);
        above.add(at);
      }
    }
    if (chat.currentId !== null) expect([...messages.keys()]).toContain(chat.currentId);
  }
  const chat = await askedChat(user);
  const reply = await complete(user, completionBody(chat, { stream: false }));
  expect(reply.body.choices[0].message.content).toBe("The capital of France is Paris.");
});
