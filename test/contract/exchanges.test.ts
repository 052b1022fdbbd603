import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type AskedChat,
  askedChat,
  chatOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  MODEL,
  newChat,
  noTasks,
  placeholder,
  STALLED,
  stalled,
  stopChat,
  trigger,
  userMessage,
} from "../support/chat.ts";
import type { Caller, Json } from "../support/http.ts";
import { collectionOf } from "../support/knowledge.ts";
import { openStage, type Stage } from "../support/server.ts";

const TITLE = { title_generation: true };

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const pathOf = ({ chatId, answerId }: AskedChat) => `/api/v1/chats/${chatId}/messages/${answerId}/exchanges`;
const exchangesOf = async (chat: AskedChat): Promise<Json> => expectOk(await owner.get(pathOf(chat)));
const stepsOf = ({ steps }: Json): string[] => steps.map(({ step }: Json) => step);

describe("the steps of a turn", () => {
  test("are the tutorial's seven, as the server saw them", async () => {
    const headers = { "x-offstage-run": "run-1", "x-offstage-attempt": "1" };
    const { id: chatId } = await newChat(owner, chatOf([userMessage("u", "Hi")]));
    const saved = chatOf([userMessage("u", "Hi"), placeholder("a", "u")]);
    const save = await owner.post(`/api/v1/chats/${chatId}`, { chat: saved });
    const chat = { chatId, userId: "u", answerId: "a", question: "Hi" };
    const body = completionBody(chat, { background_tasks: TITLE });
    const reply = await owner.post("/api/chat/completions", body, { headers });
    expect(reply.status).toBe(200);
    await noTasks(owner, chatId);
    const completed = { chat_id: chatId, id: "a", model: MODEL, session_id: "s" };
    expectOk(await owner.post("/api/chat/completed", completed));
    await fetchChat(owner, chatId);
    await fetchChat(owner, chatId);

    const { attempts, origin, ...ids } = await exchangesOf(chat);
    expect(ids).toEqual({ chat_id: chatId, message_id: "a" });
    expect(origin).toMatchObject({ kind: "program", run_id: "run-1", attempt: 1 });
    expect(attempts).toHaveLength(1);
    const [{ steps, call }] = attempts;
    expect(stepsOf(attempts[0])).toEqual([
      "chat_created",
      "chat_saved",
      "placeholder_saved",
      "completion_received",
      "turn_saved",
      "provider_asked",
      "first_token",
      "answer_stored",
      "task_ended",
      "completed",
      "fetched",
    ]);
    expect(steps.map(({ tutorial_step }: Json) => tutorial_step)).toEqual([1, 3, 3, 4, 4, 4, 5, 5, 5, 6, 7]);
    const times = steps.slice(0, -2).map(({ at_ms }: Json) => at_ms);
    expect(times).toEqual(times.toSorted((a: number, b: number) => a - b));
    expect(steps[1].request_id).toBe(save.headers.get("x-request-id"));
    expect(steps[3]).toMatchObject({
      request_id: reply.headers.get("x-request-id"),
      run_id: "run-1",
      attempt: 1,
    });
    expect(steps[8]).toMatchObject({ task: "title" });
    expect({ ...call, body: JSON.parse(call.body) }).toEqual({
      method: "POST",
      path: "/api/chat/completions",
      body,
    });
  });

  test("of a second answer are its own", async () => {
    const chat = await askedChat(owner);
    expectOk(await complete(owner, completionBody(chat, { stream: false })));
    const next = { ...chat, answerId: "second", question: "And?" };
    expectOk(
      await complete(
        owner,
        completionBody(next, { stream: false, user_message: { id: "u2", content: "And?" } }),
      ),
    );
    const { attempts } = await exchangesOf(next);
    expect(stepsOf(attempts[0])).not.toContain("chat_created");
    expect(stepsOf(attempts[0])).toContain("answer_stored");
  });

  test("are there while the answer is made, and count the polls", async () => {
    const chat = await askedChat(owner, STALLED);
    await trigger(owner, chat);
    await stalled(stage.provider);
    await fetchChat(owner, chat.chatId);
    await fetchChat(owner, chat.chatId);
    const running = await exchangesOf(chat);
    expect(stepsOf(running.attempts[0])).toContain("first_token");
    expect(running.attempts[0].exchanges[0].response.events.count).toBeGreaterThan(0);
    await stopChat(owner, chat.chatId);
    const { steps } = (await exchangesOf(chat)).attempts[0];
    expect(steps.find(({ step }: Json) => step === "polled").count).toBe(2);
  });

  test("of each time that an answer was made", async () => {
    const chat = await askedChat(owner, "[[status=500]]");
    expect((await complete(owner, completionBody(chat))).status).toBe(500);
    expectOk(
      await complete(
        owner,
        completionBody(chat, { stream: false, messages: [{ role: "user", content: "Hi" }] }),
      ),
    );
    const { attempts } = await exchangesOf(chat);
    expect(attempts).toHaveLength(2);
    const [failed, good] = attempts.map(({ exchanges }: Json) => exchanges[0]);
    expect(failed).toMatchObject({ response: { status: 500 } });
    expect(failed.error).toContain("500");
    expect(good).toMatchObject({ response: { status: 200 }, error: null });
  });
});

describe("the exchanges with the provider", () => {
  test("of a streamed answer and its title", async () => {
    const chat = await askedChat(owner, "[[tokens=20]] [[usage]]");
    await complete(owner, completionBody(chat, { background_tasks: TITLE }));
    await noTasks(owner, chat.chatId);
    const { exchanges } = (await exchangesOf(chat)).attempts[0];
    expect(exchanges.map(({ purpose }: Json) => purpose)).toEqual(["answer", "title"]);
    const [answer, title] = exchanges;
    expect(answer.request).toMatchObject({
      method: "POST",
      url: `${stage.provider.url}/chat/completions`,
      headers: { authorization: "…", "content-type": "application/json", accept: "text/event-stream" },
    });
    expect(JSON.parse(answer.request.body)).toEqual(
      stage.provider.requests.find(({ path }) => path === "/chat/completions")!.body,
    );
    const { events, status, body } = answer.response;
    expect([status, body]).toEqual([200, null]);
    expect(events.count).toBeGreaterThan(20);
    expect(events.head[0]).toContain("chat.completion.chunk");
    expect(events.tail.at(-1)).toBe("[DONE]");
    expect(answer.usage).toMatchObject({ completion_tokens: 20 });
    expect(answer.first_byte_ms).toBeLessThanOrEqual(answer.total_ms);
    expect(title.response.body).toContain("Capital");
    expect(title.error).toBeNull();
  });

  test("of one that cannot be reached, refuses or breaks off say why", async () => {
    const broken = await askedChat(owner, "[[abort=5]]");
    await complete(owner, completionBody(broken));
    const [cut] = (await exchangesOf(broken)).attempts[0].exchanges;
    expect(cut.response.status).toBe(200);
    expect(cut.error).toMatch(/connection lost/);
    stage.provider.configure({ down: true });
    const away = await askedChat(owner);
    await complete(owner, completionBody(away));
    const [unreached] = (await exchangesOf(away)).attempts[0].exchanges;
    expect(unreached.response).toBeNull();
    expect(unreached.error).not.toBeNull();
  });

  test("long ones are cut in their middle", async () => {
    const question = `begin ${"x".repeat(300_000)} end`;
    const chat = await askedChat(owner, question);
    expectOk(await complete(owner, completionBody(chat, { stream: false })));
    const reply = await owner.get(pathOf(chat));
    expect(reply.text.length).toBeLessThan(70_000);
    const [{ request }] = expectOk(reply).attempts[0].exchanges;
    expect(request.body).toMatch(/begin .* … \d+ characters … .* end/);
  });

  test("of what was looked up: the queries, and the chunks with their scores", async () => {
    const knowledge = await collectionOf(owner, { "capitals.txt": "The capital of France is Paris." });
    const chat = await askedChat(owner);
    const files = [{ type: "collection", id: knowledge.id }];
    expectOk(await complete(owner, completionBody(chat, { stream: false, files })));
    const [search] = (await exchangesOf(chat)).attempts[0].searches;
    expect(search.queries[0]).toBe(chat.question);
    expect(search.found).toBe(1);
    expect(search.chunks[0]).toMatchObject({ position: 0, score: expect.any(Number) });
  });
});

describe("nothing is told", () => {
  test("to others, and of messages that are not there", async () => {
    const chat = await askedChat(owner);
    expectOk(await complete(owner, completionBody(chat, { stream: false })));
    const bob = await stage.addUser("bob");
    expect((await bob.get(pathOf(chat))).status).toBe(401);
    expect((await owner.get(pathOf({ ...chat, answerId: "none" }))).status).toBe(404);
    const question = await owner.get(pathOf({ ...chat, answerId: chat.userId }));
    expect(expectOk(question)).toMatchObject({ attempts: [], origin: { kind: "program" } });
  });

  test.each([
    { maxBytes: 0, days: 7 },
    { maxBytes: 65_536, days: 0 },
  ])("where nothing is to be kept: %j", async (journal) => {
    const off = await openStage({ server: { journal } });
    try {
      const chat = await askedChat(off.owner);
      expectOk(await complete(off.owner, completionBody(chat, { stream: false })));
      expect(expectOk(await off.owner.get(pathOf(chat)))).toMatchObject({
        attempts: [],
        origin: { kind: "program" },
      });
    } finally {
      await off.close();
    }
  });
});
