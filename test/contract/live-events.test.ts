import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  finalMessage,
  newChat,
  noTasks,
  placeholder,
  trigger,
  userMessage,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, type Json } from "../support/http.ts";
import { openStage, PASSWORD, type Stage, signIn } from "../support/server.ts";
import { type ChatEvent, isDone, openTab, shownText, type Tab } from "../support/socket.ts";

const ALL = { title_generation: true, tags_generation: true, follow_up_generation: true };
const DIALECTS = ["chat-events", "events"] as const;

let stage: Stage;
let owner: Caller;
const tabs: Tab[] = [];

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  stage.provider.reset();
});
afterAll(() => stage?.close());

async function tab(caller = owner): Promise<Tab> {
  const opened = await openTab(stage.url, caller.token);
  tabs.push(opened);
  return opened;
}
const ofType = (events: ChatEvent[], type: string) => events.filter((event) => event.type === type);
const bytes = (events: ChatEvent[]) => events.reduce((sum, { size }) => sum + size, 0);

async function watched(question: string, tasks: unknown = undefined, count = 1) {
  const watchers = await Promise.all(Array.from({ length: count }, () => tab()));
  const chat = await askedChat(owner, question);
  await complete(owner, completionBody(chat, { background_tasks: tasks })).catch(() => undefined);
  await noTasks(owner, chat.chatId);
  const message = await finalMessage(owner, chat.chatId, chat.answerId);
  for (const watcher of watchers) {
    for (const dialect of DIALECTS) {
      await watcher.waitFor((event) => event.dialect === dialect && isDone(chat.answerId)(event));
    }
  }
  return { ...chat, watchers, message };
}

describe("a streamed answer", () => {
  test("is told to every tab of the user, in both dialects, and to the same end as the stored chat", async () => {
    const { watchers, answerId, chatId, message } = await watched("[[tokens=60]] [[delay=5]]", ALL, 2);
    for (const watcher of watchers) {
      for (const dialect of DIALECTS) {
        const events = watcher.about(answerId, dialect);
        expect(shownText(events).trim(), dialect).toBe(message.content.trim());
        expect(events.filter(isDone(answerId)), dialect).toHaveLength(1);
        for (const event of events) expect(event.chatId).toBe(chatId);
      }
    }
  });

  test("title, tags and follow-ups are told once each, as 0.6.15 spells them", async () => {
    const { watchers, answerId, chatId, message } = await watched("Hi, what is the capital of France?", ALL);
    const record = await fetchChat(owner, chatId);
    for (const dialect of DIALECTS) {
      const events = watchers[0]!.events.filter((event) => event.dialect === dialect);
      expect(ofType(events, "chat:title").map(({ data }) => data)).toEqual([record.title]);
      expect(ofType(events, "chat:tags").map(({ data }) => data)).toEqual([
        record.chat.tags.map(({ name }: Json) => name),
      ]);
      const [followUps, ...more] = ofType(watchers[0]!.about(answerId, dialect), "chat:message:follow_ups");
      expect(followUps!.data).toEqual({ follow_ups: message.followUps });
      expect(more).toEqual([]);
    }
  });

  test("text comes before the end, in order, and nothing of it after", async () => {
    const { watchers, answerId } = await watched("[[tokens=30]] [[delay=20]]");
    const events = watchers[0]!.about(answerId, "chat-events");
    const end = events.findIndex(isDone(answerId));
    expect(shownText(events.slice(0, end)).length).toBeGreaterThan(0);
    expect(shownText(events.slice(end + 1))).toBe("");
  });

  test("the done event has the content for 0.6.15's pages and the title", async () => {
    const { watchers, answerId, message } = await watched("Hi, what is the capital of France?");
    const done = watchers[0]!.about(answerId, "chat-events").find(isDone(answerId))!;
    expect(done.data).toMatchObject({ content: message.content, title: "New Chat" });
  });

  test("bytes grow linearly with the text", async () => {
    const short = await watched("[[tokens=500]]");
    const long = await watched("[[tokens=4000]]");
    for (const dialect of DIALECTS) {
      const size = bytes(long.watchers[0]!.about(long.answerId, dialect));
      expect(size).toBeLessThan(10 * long.message.content.length);
      expect(shownText(long.watchers[0]!.about(long.answerId, dialect)).trim()).toBe(
        long.message.content.trim(),
      );
    }
    expect(shownText(short.watchers[0]!.about(short.answerId, "events")).trim()).toBe(
      short.message.content.trim(),
    );
  });

  test("a tab that comes late is brought up to date", async () => {
    const chat = await askedChat(owner, "[[tokens=100]] [[delay=20]]");
    await trigger(owner, chat);
    await eventually("it runs", () => stage.provider.requests.some(({ tokensSent }) => tokensSent > 15));
    const late = await tab();
    late.socket.emit("events:chat", { chat_id: chat.chatId, data: { type: "join" } });
    await late.waitFor(isDone(chat.answerId));
    const events = late.about(chat.answerId);
    const end = events.findIndex(isDone(chat.answerId));
    const { content } = await fetchMessage(owner, chat.chatId, chat.answerId);
    expect(shownText(events.slice(0, end)).length).toBeGreaterThan(content.length / 2);
    expect(content.startsWith(shownText(events.slice(0, end)).trim())).toBe(true);
  });

  test("an error is told with the end", async () => {
    const { watchers, answerId, message } = await watched("[[sseerror=3]]");
    const old = watchers[0]!.about(answerId, "chat-events");
    expect(old.some(({ data }) => data?.error?.content === message.error.content)).toBe(true);
    const [told] = ofType(watchers[0]!.about(answerId, "events"), "chat:message:error");
    expect(told!.data.error).toMatchObject({ content: message.error.content });
  });
});

describe("which dialect a socket hears", () => {
  test("after events:chat, as 0.12.4's pages say when they open a chat: only 'events'", async () => {
    const chat = await askedChat(owner);
    const newer = await tab();
    const joined = new Promise((resolve) => {
      newer.socket.emit("events:chat", { chat_id: chat.chatId, data: { type: "join" } }, resolve);
    });
    await joined;
    await complete(owner, completionBody(chat));
    await newer.waitFor((event) => event.dialect === "events" && isDone(chat.answerId)(event));
    expect(newer.about(chat.answerId, "chat-events")).toEqual([]);
  });

  test("user-join is answered with who one is", async () => {
    const older = await tab();
    const who = await older.socket.timeout(5_000).emitWithAck("user-join", { auth: { token: owner.token } });
    expect(who).toMatchObject({ id: expect.any(String), name: "owner" });
    const chat = await askedChat(owner);
    await complete(owner, completionBody(chat));
    await older.waitFor((event) => event.dialect === "chat-events" && isDone(chat.answerId)(event));
  });

  test("user-join alone signs a socket in that connected without a token", async () => {
    const bare = await openTab(stage.url, "");
    tabs.push(bare);
    await bare.socket.timeout(5_000).emitWithAck("user-join", { auth: { token: owner.token } });
    const chat = await askedChat(owner);
    await complete(owner, completionBody(chat));
    await bare.waitFor(isDone(chat.answerId));
  });
});

test("who has a socket open is counted once, until the last one closes", async () => {
  const name = `there-${Date.now()}`;
  const session = await stage.addUser(name);
  const { id } = expectOk(await session.get("/api/v1/auths/"));
  const present = async () => expectOk(await owner.get("/api/usage"));
  expect((await present()).user_ids).not.toContain(id);
  const sockets = [await tab(session), await tab(session)];
  const { user_ids: userIds, user_count: count } = await eventually("somebody there", async () => {
    const found = await present();
    return found.user_ids.includes(id) && found;
  });
  expect(userIds.filter((userId: string) => userId === id)).toEqual([id]);
  expect(count).toBe(userIds.length);
  for (const { socket } of sockets) socket.disconnect();
  await eventually("nobody there", async () => !(await present()).user_ids.includes(id));
});

describe("who hears nothing", () => {
  test("sockets without a token, with a bad one, and of other users", async () => {
    const others = await Promise.all([
      openTab(stage.url, "").catch(() => null),
      openTab(stage.url, "garbage").catch(() => null),
      stage.addUser("other").then((other) => openTab(stage.url, other.token)),
    ]);
    const { chatId } = await watched("Hi, what is the capital of France?", ALL);
    for (const other of others) {
      expect(other?.events.filter((event) => event.chatId === chatId) ?? []).toEqual([]);
      other?.close();
    }
  });

  const revocations: { by: string; name: string; revoke: (session: Caller) => Promise<Caller> }[] = [
    {
      by: "a sign-out",
      name: "signed-out",
      async revoke(session) {
        expectOk(await session.get("/api/v1/auths/signout"));
        return signIn(stage.url, "signed-out");
      },
    },
    {
      by: "a password change",
      name: "changed",
      async revoke(session) {
        const change = { password: PASSWORD, new_password: "another password" };
        expectOk(await session.post("/api/v1/auths/update/password", change));
        const form = { email: "changed@example.org", password: change.new_password };
        const again = await createCaller(stage.url, "").post("/api/v1/auths/signin", form);
        return createCaller(stage.url, expectOk(again).token);
      },
    },
  ];
  test.each(revocations)("sockets whose token was revoked by $by", async ({ name, revoke }) => {
    await stage.addUser(name);
    const session = await signIn(stage.url, name);
    const socket = await tab(session);
    const fresh = await revoke(session);
    const chat = await askedChat(fresh);
    await complete(fresh, completionBody(chat));
    await noTasks(fresh, chat.chatId);
    expect(socket.events.filter((event) => event.chatId === chat.chatId)).toEqual([]);
  });
});

describe("changes that people or backends make", () => {
  test("a message's new text and a posted status are told, and a status is kept", async () => {
    const watcher = await tab();
    const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: "Hello", done: true })];
    const { id: chatId } = await newChat(owner, chatOf(messages));
    expectOk(await owner.post(`/api/v1/chats/${chatId}/messages/a`, { content: "Hello there" }));
    await watcher.waitFor(
      (event) => event.chatId === chatId && event.messageId === "a" && event.data?.content === "Hello there",
    );
    expect((await fetchMessage(owner, chatId, "a")).content).toBe("Hello there");
    const status = { type: "status", data: { description: "Looking", done: false } };
    const reply = await owner.post(`/api/v1/chats/${chatId}/messages/a/event`, status);
    expect(expectOk(reply)).toBe(true);
    const told = await watcher.waitFor(({ chatId: id, type }) => id === chatId && type === "status");
    expect(told.data).toEqual(status.data);
    expect((await fetchMessage(owner, chatId, "a")).statusHistory).toContainEqual(
      expect.objectContaining(status.data),
    );
  });
});
