import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOffstage } from "../../src/index.ts";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  MODEL,
  newChat,
  placeholder,
  userMessage,
} from "../support/chat.ts";
import { type Caller, createCaller, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const PAGE = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
const FORGED = { kind: "person", client: "forged" };

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage?.close());

/** A caller whose requests all have these headers. */
const calling = (caller: Caller, headers: Record<string, string>): Caller => ({
  ...caller,
  post: (path, body, options) =>
    caller.post(path, body, { ...options, headers: { ...headers, ...options?.headers } }),
});

test("a person in a web page", async () => {
  const page = calling(owner, PAGE);
  const chat = await askedChat(page);
  expectOk(await complete(page, completionBody(chat, { stream: false })));
  const { messages } = (await fetchChat(owner, chat.chatId)).chat.history;
  const origin = { kind: "person", client: PAGE["user-agent"] };
  expect(messages[chat.userId].origin).toEqual(origin);
  expect(messages[chat.answerId].origin).toEqual(origin);
});

test("an API key, by its name and beginning", async () => {
  const made = expectOk(await owner.post("/api/v1/auths/api_keys", { name: "Nightly report" }));
  const program = createCaller(stage.url, made.api_key);
  const chat = await askedChat(program);
  expectOk(await complete(program, completionBody(chat, { stream: false })));
  const record = await owner.get(`/api/v1/chats/${chat.chatId}`);
  expect(record.body.chat.history.messages[chat.answerId].origin).toMatchObject({
    kind: "api_key",
    api_key: { id: made.id, name: "Nightly report", prefix: made.prefix },
  });
  expect(record.text).not.toContain(made.api_key);
});

test("a program that names its run, in a chat of one call", async () => {
  const run = calling(owner, { "x-offstage-run": "run-7", "x-offstage-attempt": "2" });
  const reply = await run.post("/api/chat/completions", {
    model: MODEL,
    stream: false,
    parent_id: null,
    id: "a",
    user_message: { id: "u", content: "Hi", origin: FORGED },
    messages: [{ role: "user", content: "Hi" }],
  });
  const { messages } = (await fetchChat(owner, expectOk(reply).chat_id)).chat.history;
  const origin = { kind: "program", run_id: "run-7", attempt: 2 };
  expect(messages.u.origin).toMatchObject(origin);
  expect(messages.a.origin).toMatchObject(origin);
});

test("our own client's turn, with its attempts", async () => {
  let refusals = 1;
  const refuseOnce: typeof fetch = (input, init) =>
    String(input).endsWith("/completions") && refusals-- > 0
      ? Promise.resolve(Response.json({ detail: "Later." }, { status: 429 }))
      : fetch(input, init);
  const offstage = createOffstage({ baseUrl: stage.url, token: owner.token, fetch: refuseOnce });
  const turn = offstage.ask({ model: MODEL, content: "Hi" });
  const { chatId, messageId } = await turn.answer();
  await offstage.close();
  const run_id = turn.ids.userMessageId;
  const { origin } = await fetchMessage(owner, chatId, messageId);
  expect(origin).toMatchObject({ kind: "program", run_id, attempt: 2 });
  const journal = expectOk(await owner.get(`/api/v1/chats/${chatId}/messages/${messageId}/exchanges`));
  const steps = journal.attempts[0].steps.filter(({ request_id }: Json) => request_id);
  expect(steps.every((step: Json) => step.run_id === run_id)).toBe(true);
  const attemptOf = (name: string) => steps.find(({ step }: Json) => step === name).attempt;
  expect([attemptOf("chat_created"), attemptOf("completion_received")]).toEqual([1, 2]);
});

test("a question that a completion brings into a chat", async () => {
  const { chatId } = await askedChat(owner);
  const body = {
    model: MODEL,
    stream: false,
    chat_id: chatId,
    id: randomUUID(),
    user_message: { id: "u2", content: "And then?", origin: FORGED },
  };
  expectOk(await complete(calling(owner, PAGE), body));
  expect((await fetchMessage(owner, chatId, "u2")).origin.kind).toBe("person");
});

test("what clients post as origin is not taken; what the server wrote stays through saves", async () => {
  const messages = [
    userMessage("u", "Hi", { origin: FORGED }),
    placeholder("a", "u", { content: "Hello.", done: true, origin: FORGED }),
  ];
  const { id } = await newChat(owner, chatOf(messages));
  const first = await fetchChat(owner, id);
  expect(first.chat.history.messages.a).not.toHaveProperty("origin");
  const { origin } = first.chat.history.messages.u;
  expect(origin.kind).toBe("program");

  const { chat } = first;
  chat.history.messages.u.origin = FORGED;
  delete chat.messages[0].origin;
  chat.history.messages.a.content = "Hello!";
  const saved = expectOk(await owner.post(`/api/v1/chats/${id}`, { chat })).chat.history.messages;
  expect(saved.u.origin).toEqual(origin);
  expect(saved.a).toMatchObject({ content: "Hello!" });
  expect(saved.a).not.toHaveProperty("origin");

  const posted = chatOf([userMessage("u2", "More", { origin: FORGED })]);
  const page = calling(owner, PAGE);
  const merged = expectOk(await page.post(`/api/v1/chats/${id}`, { chat: posted })).chat.history.messages;
  expect(merged.u2.origin.kind).toBe("person");
  expect(merged.u.origin).toEqual(origin);
});

test("a clone keeps it, an import brings none, and whom a chat is shared with is not told", async () => {
  const chat = await askedChat(owner);
  expectOk(await complete(owner, completionBody(chat, { stream: false })));
  const clone = expectOk(await owner.post(`/api/v1/chats/${chat.chatId}/clone`, {}));
  expect(clone.chat.history.messages[chat.answerId].origin.kind).toBe("program");
  const record = await fetchChat(owner, chat.chatId);
  const [imported] = expectOk(await owner.post("/api/v1/chats/import", { chats: [{ chat: record.chat }] }));
  expect(JSON.stringify(imported)).not.toContain('"origin"');
  const { id: shareId } = expectOk(await owner.post(`/api/v1/chats/${chat.chatId}/share`));
  expect((await owner.get(`/api/v1/chats/share/${shareId}`)).text).not.toContain('"origin"');
});

test("answers name the request, by the caller's own name for it where there is one", async () => {
  const chat = chatOf([userMessage("u", "Hi")]);
  const named = await owner.post("/api/v1/chats/new", { chat }, { headers: { "x-request-id": "mine-1" } });
  expect(named.headers.get("x-request-id")).toBe("mine-1");
  const unnamed = await owner.post("/api/v1/chats/new", { chat });
  expect(unnamed.headers.get("x-request-id")).toMatch(/^[\w-]+-\w+$/);
});
