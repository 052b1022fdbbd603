import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  MODEL,
  placeholder,
  userMessage,
} from "../support/chat.ts";
import { openStage, type Stage } from "../support/server.ts";
import { openTab } from "../support/socket.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    server: {
      limits: {
        maxHeaderBytes: 4_096,
        headersTimeoutMs: 300,
        requestTimeoutMs: 600,
        maxSocketsPerUser: 2,
        maxSockets: 4,
        maxSocketMessageBytes: 1_000,
        maxChatsPerUser: 2,
        maxMessagesPerChat: 4,
      },
    },
  });
});
afterAll(() => stage?.close());

/** What the server answers to bytes on a connection of their own, read to the end that it makes. */
async function answerTo(bytes: string): Promise<{ status: number; detail: string }> {
  const { hostname, port } = new URL(stage.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(bytes);
  const answer = await text(socket);
  const [, status = "0"] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  expect(answer.toLowerCase()).toContain("x-content-type-options: nosniff");
  return { status: Number(status), detail: JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))).detail };
}

const BEGUN = "POST /api/v1/auths/signin HTTP/1.1\r\nhost: localhost\r\n";

describe("requests", () => {
  test.each([
    {
      what: "headers beyond their limit",
      bytes: `${BEGUN}x-large: ${"x".repeat(5_000)}\r\n\r\n`,
      status: 431,
    },
    { what: "headers that do not come to their end", bytes: BEGUN, status: 408 },
    { what: "a body that does not come", bytes: `${BEGUN}content-length: 100\r\n\r\n{`, status: 408 },
    { what: "what is not HTTP", bytes: "HELLO\r\n\r\n", status: 400 },
  ])("$what are answered $status in a sentence", async ({ bytes, status }) => {
    const answer = await answerTo(bytes);
    expect(answer.status).toBe(status);
    expect(answer.detail).toMatch(/^[A-Z].*\.$/);
  });
});

describe("sockets", () => {
  test("beyond those of a user are told why and closed", async () => {
    const user = await stage.addUser("ann");
    const tabs = [await openTab(stage.url, user.token), await openTab(stage.url, user.token)];
    const joined = (tab: (typeof tabs)[number]) =>
      tab.socket.timeout(5_000).emitWithAck("user-join", { auth: { token: user.token } });
    for (const tab of tabs) expect(await joined(tab)).toMatchObject({ name: "ann" });
    const third = await openTab(stage.url, "");
    const told = once(third.socket as never, "refused");
    const closed = once(third.socket as never, "disconnect");
    third.socket.emit("user-join", { auth: { token: user.token } });
    expect((await told)[0].detail).toContain("2 open sockets");
    await closed;
    for (const tab of tabs) tab.close();
  });

  test("beyond those of the server are refused, until one leaves", async () => {
    const tabs = [];
    for (let count = 0; count < 4; count++) tabs.push(await openTab(stage.url, ""));
    await expect(openTab(stage.url, "")).rejects.toThrow();
    for (const tab of tabs) tab.close();
    const user = await stage.addUser("bob");
    await expect
      .poll(() => openTab(stage.url, user.token).then((tab) => tab.close(), String), { timeout: 5_000 })
      .toBeUndefined();
  });

  test("that send more than a message may have are closed", async () => {
    const tab = await openTab(stage.url, stage.owner.token);
    const closed = once(tab.socket as never, "disconnect");
    tab.socket.emit("user-join", { auth: { token: "x".repeat(2_000) } });
    await closed;
  });
});

describe("chats", () => {
  test("beyond those that a user may have are refused, however they come about", async () => {
    const user = await stage.addUser("collector");
    const { chatId } = await askedChat(user);
    await askedChat(user);
    const messages = [userMessage("u", "Hi")];
    const attempts = [
      await user.post("/api/v1/chats/new", { chat: chatOf(messages) }),
      await user.post("/api/v1/chats/import", { chats: [{ chat: chatOf(messages) }] }),
      await user.post(`/api/v1/chats/${chatId}/clone`, {}),
      await complete(user, { model: MODEL, parent_id: null, messages: [{ role: "user", content: "Hi" }] }),
    ];
    for (const { status, body } of attempts) {
      expect(status).toBe(413);
      expect(body.detail).toContain("You have 2 chats");
    }
    expectOk(await user.delete(`/api/v1/chats/${chatId}`));
    await askedChat(user);
  });

  test("take no more messages than they may have, neither by posts nor by questions", async () => {
    const user = await stage.addUser("talker");
    const chat = await askedChat(user);
    expectOk(await complete(user, completionBody(chat)));
    const posted = [userMessage("u2", "And"), placeholder("a2", "u2"), userMessage("u3", "more")];
    const post = await user.post(`/api/v1/chats/${chat.chatId}`, { chat: chatOf(posted) });
    expect(post.status).toBe(413);
    expect(post.body.detail).toContain("the most is 4");
    const ask = (id: string) =>
      complete(user, {
        ...completionBody({ ...chat, answerId: id }),
        user_message: userMessage(`question-${id}`, id, { parentId: chat.answerId }),
      });
    expectOk(await ask("a3"));
    expect((await ask("a4")).status).toBe(413);
    const messages = (await user.get(`/api/v1/chats/${chat.chatId}`)).body.chat.history.messages;
    expect(Object.keys(messages)).toHaveLength(4);
  });
});
