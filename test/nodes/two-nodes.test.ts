import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type AskedChat,
  askedChat,
  complete,
  completionBody,
  expectOk,
  fetchMessage,
  finalMessage,
  noTasks,
  STALLED,
  STALLED_TEXT,
  stalled,
  taskIds,
  trigger,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { createCaller } from "../support/http.ts";
import { startPostgres } from "../support/postgres.ts";
import { PASSWORD } from "../support/server.ts";
import { type ChatEvent, isDone, openTab, shownText, type Tab } from "../support/socket.ts";
import { openTwoNodes, type TwoNodes } from "../support/two-nodes.ts";

const SLOW = "[[tokens=60]] [[delay=10]]";
const SLOW_TEXT = Array.from({ length: 60 }, (_, index) => `tok${index}`).join(" ");

const postgres = await startPostgres();
let nodes: TwoNodes;
let tabs: Tab[] = [];

beforeAll(async () => {
  if (postgres) nodes = await openTwoNodes(postgres);
});
afterEach(() => {
  for (const tab of tabs) tab.close();
  tabs = [];
  nodes?.provider.reset();
});
afterAll(async () => {
  await nodes?.close();
  await postgres?.stop();
});

async function tabAt(node: 0 | 1, token = nodes.owner[node].token): Promise<Tab> {
  const tab = await openTab(nodes.urls[node], token);
  tabs.push(tab);
  await tab.socket.emitWithAck("user-join", { auth: { token } });
  return tab;
}

/** What ends all that is told of an answer. */
const isLast = (event: ChatEvent) => event.type === "chat:active" && event.data?.active === false;

/** Waits until the first server knows of a tab at the second, by events that pages do not show. */
async function reachable(chat: AskedChat, far: Tab): Promise<void> {
  await eventually("the tab is known to the other server", async () => {
    const path = `/api/v1/chats/${chat.chatId}/messages/${chat.userId}/event`;
    await nodes.owner[0].post(path, { type: "ping", data: {} });
    return far.events.some(({ type }) => type === "ping");
  });
}

const completionsAsked = () =>
  nodes.provider.requests.filter(({ path }) => path === "/chat/completions").length;

describe.skipIf(postgres === null)("two servers on one database", () => {
  test("take each other's tokens, and their users see the same", async () => {
    const [here, there] = nodes.owner;
    const chat = await askedChat(here);
    expectOk(await complete(there, completionBody(chat, { stream: false })));
    expect((await fetchMessage(here, chat.chatId, chat.answerId)).content).toMatch(/Paris/);
  });

  test.each<{ what: string; revoke: (token: string, email: string) => Promise<unknown> }>([
    {
      what: "a sign-out",
      revoke: (token) => createCaller(nodes.urls[0], token).get("/api/v1/auths/signout"),
    },
    {
      what: "a password change",
      revoke: (token) =>
        createCaller(nodes.urls[0], token).post("/api/v1/auths/update/password", {
          password: PASSWORD,
          new_password: `${PASSWORD} 2`,
        }),
    },
    {
      what: "a deletion of the user",
      revoke: async (token) => {
        const { id } = (await createCaller(nodes.urls[0], token).get("/api/v1/auths/")).body;
        return nodes.owner[0].delete(`/api/v1/users/${id}`);
      },
    },
  ])("both take $what into account", async ({ what, revoke }) => {
    const email = `${what.replaceAll(" ", "-")}@example.com`;
    const account = { name: what, email, password: PASSWORD };
    expectOk(await nodes.owner[0].post("/api/v1/auths/add", { ...account, role: "user" }));
    const { token } = expectOk(await createCaller(nodes.urls[1], "").post("/api/v1/auths/signin", account));
    const there = createCaller(nodes.urls[1], token);
    const isIn = async () => (await there.get("/api/v1/auths/")).status === 200;
    const tab = await tabAt(1, token);
    expect(await isIn()).toBe(true);
    await revoke(token, email);
    await eventually("the other server knows", async () => !(await isIn()), 1_000);
    const join = { chat_id: "c", data: { type: "join" } };
    await eventually(
      "its socket hears nothing any more",
      async () => !(await tab.socket.emitWithAck("events:chat", join)),
    );
  });

  test("show an answer that one makes in the tabs of both, to the same end, each event once and in order", async () => {
    const [here, there] = nodes.owner;
    const [near, far] = [await tabAt(0), await tabAt(1)];
    const chat = await askedChat(here, SLOW);
    await reachable(chat, far);
    await trigger(here, chat);
    await Promise.all([near, far].map((tab) => tab.waitFor(isLast)));
    for (const dialect of ["chat-events", "events"] as const) {
      expect(shownText(far.about(chat.answerId, dialect)).trim()).toBe(SLOW_TEXT);
      const [nearEvents, farEvents] = [near, far].map((tab) =>
        tab.about(chat.answerId, dialect).map(({ type, data }) => JSON.stringify([type, data])),
      );
      expect(farEvents).toEqual(nearEvents);
    }
    expect((await fetchMessage(there, chat.chatId, chat.answerId)).content.trim()).toBe(SLOW_TEXT);
  });

  test("bring a tab that comes late at the other up to date", async () => {
    const chat = await askedChat(nodes.owner[0], STALLED);
    await trigger(nodes.owner[0], chat);
    await stalled(nodes.provider);
    const far = await tabAt(1);
    const shown = () => shownText(far.about(chat.answerId, "events")).trim();
    await eventually("it shows the text so far", () => shown() === STALLED_TEXT);
    expectOk(await nodes.owner[1].post(`/api/tasks/chat/${chat.chatId}/stop`));
  });

  test("list and stop each other's tasks", async () => {
    const [here, there] = nodes.owner;
    const chat = await askedChat(here, STALLED);
    const { taskId } = await trigger(here, chat);
    await stalled(nodes.provider);
    await eventually("it is listed", async () => (await taskIds(there, chat.chatId)).includes(taskId));
    expect((await there.get("/api/tasks")).body.tasks).toContain(taskId);
    expectOk(await there.post(`/api/tasks/stop/${taskId}`));
    const message = await fetchMessage(there, chat.chatId, chat.answerId);
    expect(message).toMatchObject({ content: `${STALLED_TEXT} `, done: true });
    await noTasks(here, chat.chatId);
  });

  test.each([{ stream: true }, { stream: false }])(
    "the same request at the other joins: the provider is asked once, $stream",
    async ({ stream }) => {
      const [here, there] = nodes.owner;
      const chat = await askedChat(here, SLOW);
      const body = completionBody(chat, { stream });
      const [first, second] = await Promise.all([
        complete(here, body),
        eventually("the provider is asked", () => completionsAsked() > 0).then(() => complete(there, body)),
      ]);
      expect(completionsAsked()).toBe(1);
      for (const reply of [first, second]) {
        expect(reply.status, reply.text).toBe(200);
        const text = stream
          ? reply.chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? "").join("")
          : reply.body.choices[0].message.content;
        expect(text.trim()).toBe(SLOW_TEXT);
      }
    },
  );

  test("the same request at both at once asks the provider once", async () => {
    const chat = await askedChat(nodes.owner[0], SLOW);
    const body = completionBody(chat, { stream: false });
    const replies = await Promise.all(nodes.owner.map((owner) => complete(owner, body)));
    expect(replies.map(({ status, text }) => [status, status === 200 ? "" : text])).toEqual([
      [200, ""],
      [200, ""],
    ]);
    expect(completionsAsked()).toBe(1);
  });

  test("another request for the answer that runs at the other is refused", async () => {
    const chat = await askedChat(nodes.owner[0], STALLED);
    await trigger(nodes.owner[0], chat);
    await stalled(nodes.provider);
    const reply = await complete(nodes.owner[1], completionBody(chat, { temperature: 0.5 }));
    expect(reply.status).toBe(409);
    expect(completionsAsked()).toBe(1);
    expectOk(await nodes.owner[1].post(`/api/tasks/chat/${chat.chatId}/stop`));
  });

  test("a session counts as live at both", async () => {
    const far = await tabAt(1);
    const chat = await askedChat(nodes.owner[0]);
    const reply = await complete(nodes.owner[0], completionBody(chat, { session_id: far.sessionId }));
    expect(reply.form).toBe("ack");
    await finalMessage(nodes.owner[0], chat.chatId, chat.answerId);
    const unknown = await complete(
      nodes.owner[0],
      completionBody(await askedChat(nodes.owner[0]), { session_id: "nobody" }),
    );
    expect(unknown.form).toBe("sse");
  });

  test("an answer that runs while the connections of the servers are cut is shown whole", async () => {
    const [near, far] = [await tabAt(0), await tabAt(1)];
    const chat = await askedChat(nodes.owner[0], SLOW);
    await trigger(nodes.owner[0], chat);
    await eventually("it runs", () => shownText(far.about(chat.answerId, "events")).length > 20);
    await nodes.cutOff("events");
    await Promise.all([near, far].map((tab) => tab.waitFor(isLast)));
    for (const tab of [near, far])
      expect(shownText(tab.about(chat.answerId, "events")).trim()).toBe(SLOW_TEXT);
  });

  test("an answer that ended while the other heard nothing is told to its tabs afterwards", async () => {
    const far = await tabAt(1);
    const chat = await askedChat(nodes.owner[0], "[[tokens=30]] [[delay=10]]");
    await trigger(nodes.owner[0], chat);
    await eventually("it runs", () => nodes.provider.requests.some(({ tokensSent }) => tokensSent > 5));
    nodes.signal(1, "SIGSTOP");
    await nodes.cutOff("events");
    const { content } = await finalMessage(nodes.owner[0], chat.chatId, chat.answerId);
    nodes.signal(1, "SIGCONT");
    await far.waitFor(isDone(chat.answerId));
    await eventually("it shows the end", () => shownText(far.about(chat.answerId, "events")) === content);
  });

  test("a server that starts anew on its folder ends what it had left, at once, and nothing of the other's", async () => {
    const [here, there] = nodes.owner;
    const [left, living] = [await askedChat(here, STALLED), await askedChat(there, STALLED)];
    await trigger(here, left);
    await stalled(nodes.provider);
    await trigger(there, living);
    await eventually(
      "both stall",
      () => nodes.provider.requests.filter((one) => one.tokensSent === 5).length === 2,
    );
    await nodes.kill(0);
    await nodes.start(0);
    const message = await fetchMessage(nodes.owner[0], left.chatId, left.answerId);
    expect(message).toMatchObject({ done: true, error: { code: "answer_lost" } });
    expect((await fetchMessage(there, living.chatId, living.answerId)).done).toBe(false);
    expectOk(await nodes.owner[0].post(`/api/tasks/chat/${living.chatId}/stop`));
  });

  test("what a killed server was answering is ended by the other when its lease has run out", async () => {
    const far = await tabAt(1);
    const chat = await askedChat(nodes.owner[0], STALLED);
    await trigger(nodes.owner[0], chat);
    await stalled(nodes.provider);
    await eventually(
      "some of it is kept",
      async () =>
        (await nodes.query(`select 1 from message where partial_text <> '' and chat_id = '${chat.chatId}'`))
          .length > 0,
    );
    await nodes.kill(0);
    expect((await fetchMessage(nodes.owner[1], chat.chatId, chat.answerId)).done).toBe(false);
    await nodes.query("update message set lease_until_ms = 1 where answer_state = 'running'");
    await far.waitFor(isDone(chat.answerId), 15_000);
    const message = await fetchMessage(nodes.owner[1], chat.chatId, chat.answerId);
    expect(message).toMatchObject({
      done: true,
      content: `${STALLED_TEXT} `,
      error: { code: "answer_lost" },
    });
    expect(await taskIds(nodes.owner[1], chat.chatId)).toEqual([]);
    await nodes.start(0);
  });
});
