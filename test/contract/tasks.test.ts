import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type AskedChat,
  askedChat,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  finalMessage,
  listedMessage,
  noTasks,
  taskIds,
  trigger,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, detailOf, replyText } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";
import { openTab } from "../support/socket.ts";

const LONG = "[[tokens=1000]] [[delay=10]]";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

async function runningChat(): Promise<AskedChat & { taskId: string }> {
  const chat = await askedChat(owner, LONG);
  const { taskId } = await trigger(owner, chat, {
    background_tasks: { title_generation: true, follow_up_generation: true },
  });
  await eventually("some tokens were sent", () =>
    stage.provider.requests.some(({ tokensSent }) => tokensSent > 3),
  );
  return { ...chat, taskId };
}

describe("tasks of a chat", () => {
  test("are listed from the ack until the work, background tasks included, is done", async () => {
    stage.provider.configure({ task: "slow", slowMs: 300 });
    const chat = await askedChat(owner, "[[tokens=5]] [[delay=10]]");
    const { taskId } = await trigger(owner, chat, { background_tasks: { title_generation: true } });
    expect(await taskIds(owner, chat.chatId)).toEqual([taskId]);
    await finalMessage(owner, chat.chatId, chat.answerId);
    expect(await taskIds(owner, chat.chatId)).not.toEqual([]);
    await noTasks(owner, chat.chatId);
    expect((await fetchChat(owner, chat.chatId)).title).toContain("Capital");
  });

  test("of a chat where nothing runs are none", async () => {
    const chat = await askedChat(owner);
    expect(await taskIds(owner, chat.chatId)).toEqual([]);
  });
});

describe("stopping", () => {
  const ways = [
    { name: "by task", path: ({ taskId }: { taskId: string }) => `/api/tasks/stop/${taskId}` },
    { name: "by chat", path: ({ chatId }: AskedChat) => `/api/tasks/chat/${chatId}/stop` },
  ];
  test.each(ways)("$name is confirmed, keeps the text so far, and frees the provider", async ({ path }) => {
    const chat = await runningChat();
    const reply = await owner.post(path(chat));
    expect(reply.status, reply.text).toBe(200);
    expect(reply.body.status).toBe(true);
    const record = await fetchChat(owner, chat.chatId);
    const message = record.chat.history.messages[chat.answerId];
    expect(message).toMatchObject({ done: true, content: expect.stringMatching(/^tok0 tok1/) });
    expect(message.error ?? null, "a stop is no failure").toBeNull();
    expect(listedMessage(record, chat.answerId)).toEqual(message);
    await noTasks(owner, chat.chatId);
    const [answer, ...further] = stage.provider.requests.filter((request) => request.method === "POST");
    await answer!.closed;
    expect(answer!.clientClosed).toBe(true);
    expect(answer!.tokensSent).toBeLessThan(1000);
    expect(further, "no title or follow-ups for a stopped answer").toEqual([]);
  });

  test("is told to every tab, and ends the stream of a waiting caller", async () => {
    const tab = await openTab(stage.url, owner.token);
    const chat = await askedChat(owner, LONG);
    const waiting = complete(owner, completionBody(chat));
    await eventually("it runs", () => stage.provider.requests.some(({ tokensSent }) => tokensSent > 3));
    expectOk(await owner.post(`/api/tasks/chat/${chat.chatId}/stop`));
    await tab.waitFor((event) => event.dialect === "chat-events" && event.type === "task-cancelled");
    await tab.waitFor((event) => event.dialect === "events" && event.type === "chat:tasks:cancel");
    tab.close();
    const reply = await waiting;
    expect(reply.chunks.at(-1)).toBe("[DONE]");
    const { content } = await fetchMessage(owner, chat.chatId, chat.answerId);
    expect(replyText(reply).trim()).toBe(content.trim());
  });

  test("of a task that has ended, or never was, is a 404", async () => {
    const chat = await askedChat(owner);
    const { taskId } = await trigger(owner, chat);
    await finalMessage(owner, chat.chatId, chat.answerId);
    await noTasks(owner, chat.chatId);
    for (const id of [taskId, "00000000-0000-4000-8000-000000000000", "no-task"]) {
      const reply = await owner.post(`/api/tasks/stop/${id}`);
      expect(reply.status).toBe(404);
      expect(detailOf(reply)).toMatch(/\w+ \w+/);
    }
    expect((await fetchMessage(owner, chat.chatId, chat.answerId)).content).toContain("Paris");
  });

  test("of a chat where nothing runs, or that is not there, answers JSON and changes nothing", async () => {
    const chat = await askedChat(owner);
    expect((await owner.post(`/api/tasks/chat/${chat.chatId}/stop`)).body).toBeDefined();
    const unknown = await owner.post("/api/tasks/chat/00000000-0000-4000-8000-000000000000/stop");
    expect(unknown.status).toBe(404);
    expect(unknown.body.detail).toBeDefined();
  });

  test("a stopped answer can be asked for again as a sibling", async () => {
    const chat = await runningChat();
    expectOk(await owner.post(`/api/tasks/stop/${chat.taskId}`));
    const messages = [{ role: "user", content: "Hi, what is the capital of France?" }];
    const sibling = { ...completionBody(chat, { messages, parent_id: chat.userId }), id: "sibling" };
    expectOk(await complete(owner, { ...sibling, stream: false }));
    const record = await fetchChat(owner, chat.chatId);
    expect(record.chat.history.messages[chat.userId].childrenIds).toEqual([chat.answerId, "sibling"]);
    expect(record.chat.currentId).toBe("sibling");
  });

  test("deleting a chat in mid-answer ends its task", async () => {
    const chat = await runningChat();
    expectOk(await owner.delete(`/api/v1/chats/${chat.chatId}`));
    const [answer] = stage.provider.requests.filter((request) => request.method === "POST");
    await answer!.closed;
    expect(answer!.tokensSent).toBeLessThan(1000);
    expect((await owner.get(`/api/v1/chats/${chat.chatId}`)).status).toBe(401);
    expect((await owner.get("/api/tasks")).text).not.toContain(chat.taskId);
  });
});
