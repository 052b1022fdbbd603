import { once } from "node:events";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  complete,
  completionBody,
  fetchChat,
  finalMessage,
  listedMessage,
  MODEL,
  STALLED,
  stalled,
  stopChat,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, replyText } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";
import { openTab, type Tab } from "../support/socket.ts";

const ANSWER = "The capital of France is Paris.";
const QUESTION = [{ role: "user", content: "Hi, what is the capital of France?" }];

let stage: Stage;
let owner: Caller;
let stranger: Caller;
const tabs: Tab[] = [];

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  stranger = await stage.addUser("stranger");
});
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  stage.provider.reset();
});
afterAll(() => stage?.close());

async function tabOf(caller: Caller): Promise<Tab> {
  const tab = await openTab(stage.url, caller.token);
  tabs.push(tab);
  return tab;
}

describe("a completion that names no chat, or no message, is answered and not saved", () => {
  const rows = [
    { name: "no chat_id, stream", body: { stream: true }, form: "sse" },
    { name: "no chat_id, no stream", body: { stream: false }, form: "completion" },
    { name: "no chat_id, stream left out", body: {}, form: "completion" },
    {
      name: "no chat_id but id and session_id",
      body: { id: "a", session_id: "s", stream: true },
      form: "sse",
    },
    { name: "an empty chat_id", body: { chat_id: "", id: "a", stream: true }, form: "sse" },
    { name: "chat_id without id, stream", body: { stream: true }, inChat: true, form: "sse" },
    { name: "chat_id without id, no stream", body: {}, inChat: true, form: "completion" },
    { name: "chat_id with a null id", body: { id: null, stream: true }, inChat: true, form: "sse" },
  ];
  test.each(rows)("$name: $form", async ({ body, inChat, form }) => {
    const chat = await askedChat(owner);
    const before = await fetchChat(owner, chat.chatId);
    const count = (await owner.get("/api/v1/chats/")).body.length;
    const reply = await complete(owner, {
      model: MODEL,
      messages: QUESTION,
      ...(inChat ? { chat_id: chat.chatId } : {}),
      ...body,
    });
    expect(reply.status, reply.text).toBe(200);
    expect(reply.form).toBe(form);
    expect(replyText(reply)).toBe(ANSWER);
    if (form === "sse") expect(reply.chunks.at(-1)).toBe("[DONE]");
    expect((await owner.get("/api/v1/chats/")).body).toHaveLength(count);
    expect((await fetchChat(owner, chat.chatId)).chat).toEqual(before.chat);
  });

  test("a caller that hangs up aborts the provider's answer", async () => {
    const hangUp = new AbortController();
    const response = await owner.open("POST", "/api/chat/completions", {
      body: {
        model: MODEL,
        stream: true,
        messages: [{ role: "user", content: "[[tokens=500]] [[delay=20]]" }],
      },
      signal: hangUp.signal,
    });
    await response.body!.getReader().read();
    hangUp.abort();
    const upstream = stage.provider.requests.find(({ path }) => path === "/chat/completions")!;
    await upstream.closed;
    expect(upstream.clientClosed).toBe(true);
    expect(upstream.tokensSent).toBeLessThan(500);
  });
});

describe("a completion that names a chat and a message is saved, and answered in the form asked for", () => {
  const rows: {
    name: string;
    stream?: boolean;
    session?: "any" | "live" | "strangers" | "empty";
    accept?: string;
    form: string;
  }[] = [
    { name: "stream false", stream: false, form: "completion" },
    { name: "stream left out", form: "completion" },
    { name: "stream false, any session_id", stream: false, session: "any", form: "completion" },
    {
      name: "stream false, session_id, Accept JSON",
      session: "any",
      accept: "application/json",
      form: "completion",
    },
    { name: "stream, no session_id", stream: true, form: "sse" },
    { name: "stream, no session_id, Accept JSON", stream: true, accept: "application/json", form: "sse" },
    { name: "stream, an empty session_id", stream: true, session: "empty", form: "sse" },
    {
      name: "stream, session_id, Accept event-stream",
      stream: true,
      session: "any",
      accept: "text/event-stream",
      form: "sse",
    },
    {
      name: "stream, a live session_id, Accept event-stream",
      stream: true,
      session: "live",
      accept: "text/event-stream",
      form: "sse",
    },
    {
      name: "stream, session_id, Accept event-stream and JSON",
      stream: true,
      session: "any",
      accept: "application/json, text/event-stream",
      form: "sse",
    },
    {
      name: "stream, session_id, Accept JSON",
      stream: true,
      session: "any",
      accept: "application/json",
      form: "ack",
    },
    {
      name: "stream, session_id, Accept JSON among others",
      stream: true,
      session: "any",
      accept: "application/json, text/plain, */*",
      form: "ack",
    },
    {
      name: "stream, a session_id of no socket, Accept anything",
      stream: true,
      session: "any",
      accept: "*/*",
      form: "sse",
    },
    {
      name: "stream, a live session_id, Accept anything",
      stream: true,
      session: "live",
      accept: "*/*",
      form: "ack",
    },
    {
      name: "stream, a stranger's session_id, Accept anything",
      stream: true,
      session: "strangers",
      accept: "*/*",
      form: "sse",
    },
  ];
  test.each(rows)("$name: $form", async ({ stream, session, accept, form }) => {
    const sessionId =
      session === "live"
        ? (await tabOf(owner)).sessionId
        : session === "strangers"
          ? (await tabOf(stranger)).sessionId
          : session === "empty"
            ? ""
            : session && "session-id";
    const watcher = await tabOf(owner);
    const chat = await askedChat(owner);
    const reply = await complete(
      owner,
      completionBody(chat, { stream, ...(sessionId === undefined ? {} : { session_id: sessionId }) }),
      accept,
    );
    expect(reply.status, reply.text).toBe(200);
    expect(reply.form).toBe(form);
    if (form === "sse") {
      expect(replyText(reply)).toBe(ANSWER);
      expect(reply.chunks.at(-1)).toBe("[DONE]");
    } else {
      expect(reply.body).toMatchObject({ status: true, chat_id: chat.chatId, task_id: expect.any(String) });
      expect(reply.body.task_ids).toEqual([reply.body.task_id]);
    }
    if (form === "ack") await finalMessage(owner, chat.chatId, chat.answerId);
    const record = await fetchChat(owner, chat.chatId);
    for (const message of [
      record.chat.history.messages[chat.answerId],
      listedMessage(record, chat.answerId),
    ]) {
      expect(message).toMatchObject({
        content: ANSWER,
        done: true,
        usage: { completion_tokens: expect.any(Number) },
      });
    }
    await watcher.waitFor((event) => event.messageId === chat.answerId && event.data?.done === true);
  });

  test("no Accept header at all counts as anything", async () => {
    for (const [sessionId, type] of [
      ["session-id", "text/event-stream"],
      [(await tabOf(owner)).sessionId, "application/json"],
    ]) {
      const chat = await askedChat(owner);
      const body = JSON.stringify(completionBody(chat, { session_id: sessionId }));
      const raw = request(`${stage.url}/api/chat/completions`, {
        method: "POST",
        agent: false,
        headers: { authorization: `Bearer ${owner.token}`, "content-type": "application/json" },
      });
      raw.end(body);
      const [response] = await once(raw, "response");
      response.resume();
      expect(response.headers["content-type"]).toContain(type);
      await once(response, "close");
    }
  });

  test("a session that closed a moment ago still counts as live", async () => {
    const tab = await openTab(stage.url, owner.token);
    tab.close();
    const chat = await askedChat(owner);
    const reply = await complete(owner, completionBody(chat, { session_id: tab.sessionId }));
    expect(reply.form).toBe("ack");
  });

  test("while it runs, both places say content empty and done false", async () => {
    const chat = await askedChat(owner, STALLED);
    const running = complete(owner, completionBody(chat));
    await stalled(stage.provider);
    const record = await fetchChat(owner, chat.chatId);
    for (const message of [
      record.chat.history.messages[chat.answerId],
      listedMessage(record, chat.answerId),
    ]) {
      expect(message).toMatchObject({ content: "", done: false });
    }
    await stopChat(owner, chat.chatId);
    expect((await running).chunks.at(-1)).toBe("[DONE]");
  });

  test.each(["sse", "completion"])("a caller of %s that hangs up does not stop the answer", async (form) => {
    const chat = await askedChat(owner, "[[tokens=20]] [[delay=10]]");
    const hangUp = new AbortController();
    const answer = owner.open("POST", "/api/chat/completions", {
      body: completionBody(chat, { stream: form === "sse" }),
      signal: hangUp.signal,
    });
    answer.catch(() => undefined);
    await eventually("the provider was asked", () =>
      stage.provider.requests.some(({ path }) => path === "/chat/completions"),
    );
    hangUp.abort();
    const message = await finalMessage(owner, chat.chatId, chat.answerId);
    expect(message.error ?? null).toBeNull();
    expect(message.content.trim().split(" ")).toHaveLength(20);
  });

  test("[DONE], the JSON reply and the done event come only after the text is stored", async () => {
    for (const stream of [true, false]) {
      const chat = await askedChat(owner);
      const reply = await complete(owner, completionBody(chat, { stream }));
      expect(replyText(reply)).toBe(ANSWER);
      const record = await fetchChat(owner, chat.chatId);
      expect(listedMessage(record, chat.answerId)).toMatchObject({ content: ANSWER, done: true });
    }
    const tab = await tabOf(owner);
    const chat = await askedChat(owner);
    await complete(owner, completionBody(chat, { session_id: tab.sessionId }));
    await tab.waitFor((event) => event.messageId === chat.answerId && event.data?.done === true);
    const record = await fetchChat(owner, chat.chatId);
    expect(record.chat.history.messages[chat.answerId]).toMatchObject({ content: ANSWER, done: true });
  });
});
