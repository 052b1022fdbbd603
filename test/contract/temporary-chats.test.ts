import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { complete, expectOk, MODEL } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, detailOf, type Json, replyText } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";
import { isDone, openTab, shownText, type Tab } from "../support/socket.ts";

const ANSWER = "The capital of France is Paris.";
const QUESTION = { role: "user", content: "What is the capital of France?" };
const LONG = { role: "user", content: "[[tokens=1000]] [[delay=10]]" };
const ALL = { title_generation: true, tags_generation: true, follow_up_generation: true };

let stage: Stage;
let owner: Caller;
let bob: Caller;
let tab: Tab;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  bob = await stage.addUser("bob");
});
beforeEach(async () => {
  tab = await openTab(stage.url, owner.token);
});
afterEach(async () => {
  tab.close();
  expect(expectOk(await owner.get("/api/v1/chats/")), "nothing is stored").toEqual([]);
  expect(expectOk(await owner.get("/api/tasks")).tasks, "nothing is left running").toEqual([]);
  stage.provider.reset();
});
afterAll(() => stage?.close());

const bodyOf = (more: Record<string, unknown> = {}) => ({
  stream: true,
  model: MODEL,
  chat_id: `local:${tab.sessionId}`,
  session_id: tab.sessionId,
  id: randomUUID(),
  messages: [QUESTION],
  ...more,
});
const asked = () => stage.provider.requests.filter(({ path }) => path === "/chat/completions");
const tasksOf = async (chatId: string, caller = owner): Promise<string[]> =>
  expectOk(await caller.get(`/api/tasks/chat/${encodeURIComponent(chatId)}`)).task_ids;
const stop = (chatId: string, caller = owner) =>
  caller.post(`/api/tasks/chat/${encodeURIComponent(chatId)}/stop`);
const sentSome = () =>
  eventually("it runs", () => stage.provider.requests.some(({ tokensSent }) => tokensSent > 3));

describe("an answer in a temporary chat", () => {
  test.each(["local", "local:", "temporary:"])("is told live, and stored nowhere: %s", async (word) => {
    const body = bodyOf({ chat_id: word.endsWith(":") ? word + tab.sessionId : word });
    const reply = await complete(owner, body);
    expect(reply.form, reply.text).toBe("ack");
    expect(reply.body).toMatchObject({ status: true, task_ids: [reply.body.task_id], chat_id: body.chat_id });
    for (const dialect of ["chat-events", "events"] as const) {
      await tab.waitFor((event) => event.dialect === dialect && isDone(body.id)(event));
      expect(shownText(tab.about(body.id, dialect))).toBe(ANSWER);
    }
    expect(tab.about(body.id).every(({ chatId }) => chatId === body.chat_id)).toBe(true);
    await eventually("it ends", async () => (await tasksOf(body.chat_id)).length === 0);
    expect((await owner.get(`/api/v1/chats/${encodeURIComponent(body.chat_id)}`)).status).toBe(401);
  });

  test("takes the whole conversation from the request, and asks for nothing else", async () => {
    const messages = [
      QUESTION,
      { role: "assistant", content: ANSWER },
      { role: "user", content: "And Spain?" },
    ];
    const body = bodyOf({ messages, parent_id: "u2", params: { temperature: 0.3 } });
    expectOk(await complete(owner, body));
    await tab.waitFor(isDone(body.id));
    expect(asked().map((request) => request.body)).toMatchObject([{ messages, temperature: 0.3 }]);
  });

  test("gives a provider only what it takes of messages as 0.12.4's page has them", async () => {
    const output = [
      { type: "reasoning", content: [{ type: "reasoning_text", text: "Hm." }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: ANSWER }] },
    ];
    const folded = '<details type="reasoning" done="true">\n> Hm.\n</details>\nMadrid.';
    const messages = [
      { id: "u1", ...QUESTION, timestamp: 1 },
      { role: "assistant", model: MODEL, output },
      { id: "u2", role: "user", content: "And Spain?" },
      { role: "assistant", content: folded },
      { id: "u3", role: "user", content: [{ type: "text", text: "And this?" }] },
    ];
    const body = bodyOf({ messages });
    expectOk(await complete(owner, body));
    await tab.waitFor(isDone(body.id));
    expect(asked()[0]!.body!.messages).toEqual([
      QUESTION,
      { role: "assistant", content: ANSWER },
      { role: "user", content: "And Spain?" },
      { role: "assistant", content: "Madrid." },
      { role: "user", content: [{ type: "text", text: "And this?" }] },
    ]);
  });

  test("has follow-ups that are told only, no title and no tags", async () => {
    const body = bodyOf({ background_tasks: ALL });
    expectOk(await complete(owner, body));
    const { data } = await tab.waitFor(({ type }) => type === "chat:message:follow_ups");
    expect(data.follow_ups.length).toBeGreaterThan(0);
    await eventually("it ends", async () => (await tasksOf(body.chat_id)).length === 0);
    expect(asked()).toHaveLength(2);
    expect(tab.events.filter(({ type }) => type === "chat:title" || type === "chat:tags")).toEqual([]);
  });

  test("comes as SSE or JSON to callers that wait", async () => {
    const stream = await complete(owner, bodyOf({ session_id: undefined }));
    expect([stream.form, replyText(stream)]).toEqual(["sse", ANSWER]);
    const whole = await complete(owner, bodyOf({ session_id: undefined, stream: false }));
    expect([whole.form, replyText(whole)]).toEqual(["completion", ANSWER]);
  });

  test("comes from each model that is asked", async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const message_ids = [
      { model_id: MODEL, message_id: a, modelIdx: 0 },
      { model_id: "gpt-4o-mini", message_id: b, modelIdx: 1 },
    ];
    const reply = await complete(owner, bodyOf({ id: a, message_ids, background_tasks: ALL }));
    expect(reply.body.task_ids).toHaveLength(2);
    await Promise.all([tab.waitFor(isDone(a)), tab.waitFor(isDone(b))]);
    await eventually("it ends", async () => (await tasksOf(`local:${tab.sessionId}`)).length === 0);
    expect(asked(), "follow-ups are made once").toHaveLength(3);
    const twice = message_ids.map((target) => ({ ...target, message_id: "m" }));
    expect((await complete(owner, bodyOf({ message_ids: twice }))).status).toBe(409);
  });

  test("that failed says why, and can be asked for again under its id", async () => {
    const body = bodyOf({ messages: [{ role: "user", content: "[[status=400]]" }] });
    expectOk(await complete(owner, body));
    await tab.waitFor(({ type, data }) => type === "chat:completion" && data?.error);
    await tab.waitFor((event) => event.dialect === "events" && isDone(body.id)(event));
    const again = await openTab(stage.url, owner.token);
    expectOk(await complete(owner, { ...body, messages: [QUESTION] }));
    await again.waitFor(isDone(body.id));
    expect(shownText(again.about(body.id, "events"))).toBe(ANSWER);
    again.close();
  });

  test("goes on from a text that the conversation ends with", async () => {
    const messages = [QUESTION, { role: "assistant", content: "So far: " }];
    const body = bodyOf({ messages });
    expectOk(await complete(owner, body));
    await tab.waitFor((event) => event.dialect === "chat-events" && isDone(body.id)(event));
    expect(shownText(tab.about(body.id, "chat-events"))).toMatch(/^So far: ./);
  });
});

describe("a running one", () => {
  test("is listed, stops with what has come, and frees the provider", async () => {
    const body = bodyOf({ messages: [LONG], background_tasks: ALL });
    const { task_id } = expectOk(await complete(owner, body));
    await sentSome();
    expect(await tasksOf(body.chat_id)).toEqual([task_id]);
    expect(expectOk(await owner.get("/api/tasks")).tasks).toEqual([task_id]);
    expect(expectOk(await stop(body.chat_id))).toMatchObject({ status: true });
    await tab.waitFor(({ type }) => type === "task-cancelled");
    expect(shownText(tab.about(body.id, "chat-events"))).toMatch(/^tok0 tok1/);
    expect(asked()).toHaveLength(1);
    await asked()[0]!.closed;
    expect(asked()[0]!.tokensSent).toBeLessThan(1000);
    expect(expectOk(await stop(body.chat_id)), "nothing runs any more").toMatchObject({ status: true });
  });

  test("stops by its task too", async () => {
    const { task_id } = expectOk(await complete(owner, bodyOf({ messages: [LONG] })));
    await sentSome();
    expectOk(await owner.post(`/api/tasks/stop/${task_id}`));
  });

  test("is joined by the same request, and refuses another", async () => {
    const body = bodyOf({ messages: [LONG] });
    const first = expectOk(await complete(owner, body));
    const second = expectOk(await complete(owner, body));
    expect(second.task_id).toBe(first.task_id);
    expect((await complete(owner, { ...body, messages: [QUESTION] })).status).toBe(409);
    expectOk(await stop(body.chat_id));
    expect(asked()).toHaveLength(1);
  });

  test("is nobody else's, even under the same name", async () => {
    const body = bodyOf({ messages: [LONG] });
    const { task_id } = expectOk(await complete(owner, body));
    await sentSome();
    expect(await tasksOf(body.chat_id, bob)).toEqual([]);
    expectOk(await stop(body.chat_id, bob));
    expect((await bob.post(`/api/tasks/stop/${task_id}`)).status).toBe(404);
    const listening = await openTab(stage.url, bob.token);
    const bobs = expectOk(
      await complete(bob, { ...body, session_id: listening.sessionId, messages: [QUESTION] }),
    );
    await listening.waitFor(isDone(body.id));
    expect(bobs.task_id).not.toBe(task_id);
    expect(shownText(listening.about(body.id, "events"))).toBe(ANSWER);
    listening.close();
    expect(await tasksOf(body.chat_id)).toEqual([task_id]);
    expect(shownText(tab.about(body.id, "events"))).not.toContain("Paris");
    expectOk(await stop(body.chat_id));
  });
});

describe("after it", () => {
  test("chat/completed waits for it and echoes", async () => {
    const body = bodyOf({ background_tasks: ALL });
    expectOk(await complete(owner, body));
    const { chat_id, id, session_id } = body;
    const completed = { model: MODEL, chat_id, id, session_id, messages: [{ id, content: "x" }] };
    expect(expectOk(await owner.post("/api/chat/completed", completed))).toEqual(completed);
    expect(await tasksOf(chat_id)).toEqual([]);
  });
});

describe("is refused", () => {
  const refused: { name: string; more: Json; status: number }[] = [
    { name: "without messages", more: { messages: undefined }, status: 400 },
    { name: "with none", more: { messages: [] }, status: 400 },
    { name: "for an unknown model", more: { model: "nope" }, status: 400 },
    { name: "with unknown material", more: { files: [{ type: "file", id: "nope" }] }, status: 400 },
    { name: "with an id that is none", more: { chat_id: "local:\u0000" }, status: 422 },
  ];
  test.each(refused)("$name", async ({ more, status }) => {
    const reply = await complete(owner, bodyOf(more));
    expect(reply.status, reply.text).toBe(status);
    expect(detailOf(reply)).toMatch(/\w+/);
    expect(asked()).toEqual([]);
  });
});
