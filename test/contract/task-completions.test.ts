import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectOk, MODEL } from "../support/chat.ts";
import { type Caller, createCaller, detailOf, type Json, replyText } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const messages = [
  { id: "u", role: "user", content: "What is the capital of France?", timestamp: 1 },
  { id: "a", role: "assistant", content: "The capital of France is Paris.", done: true },
];

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const ask = (name: string, more: Json = {}, caller = owner) =>
  caller.post(`/api/v1/tasks/${name}/completions`, { model: MODEL, messages, chat_id: "local:x", ...more });
const madeOf = (completion: Json): Json => JSON.parse(completion.choices[0].message.content);

describe("a task without a chat", () => {
  test.each([
    ["title", { title: expect.stringMatching(/Capital/) }],
    ["tags", { tags: expect.arrayContaining([expect.any(String)]) }],
    ["follow_up", { follow_ups: expect.arrayContaining([expect.any(String)]) }],
    ["follow_ups", { follow_ups: expect.arrayContaining([expect.any(String)]) }],
  ])("%s comes as JSON in a completion, asked for once and by our own words", async (name, made) => {
    const completion = expectOk(await ask(name));
    expect(completion).toMatchObject({
      id: expect.any(String),
      object: "chat.completion",
      created: expect.any(Number),
      model: MODEL,
      choices: [{ index: 0, message: { role: "assistant" }, finish_reason: "stop" }],
    });
    expect(madeOf(completion)).toEqual(made);
    const asked = stage.provider.requests.filter(({ path }) => path === "/chat/completions");
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked[0]!.body!.messages)).toMatch(/### Task:.*USER: What is the capital/);
    expect(expectOk(await owner.get("/api/v1/chats/"))).toEqual([]);
  });

  test("a reply that is no JSON gives the question for a title, and no tags or follow-ups", async () => {
    stage.provider.configure({ task: "plain" });
    expect(madeOf(expectOk(await ask("title")))).toEqual({ title: "What is the capital of France?" });
    expect(madeOf(expectOk(await ask("tags")))).toEqual({ tags: [] });
    expect(madeOf(expectOk(await ask("follow_up")))).toEqual({ follow_ups: [] });
  });

  test("a provider that fails is a 502 that says so", async () => {
    stage.provider.configure({ task: "status500" });
    const reply = await ask("title");
    expect(reply.status).toBe(502);
    expect(detailOf(reply)).toMatch(/\w+/);
  });

  test.each([
    { model: "nope" },
    { model: 1 },
    { messages: [] },
    { messages: undefined },
    { messages: "Hi" },
    { messages: [{ role: "user", content: { a: 1 } }] },
  ])("a bad body is refused: %j", async (more) => {
    const reply = await ask("title", more);
    expect([400, 422], reply.text).toContain(reply.status);
    expect(stage.provider.requests.filter(({ path }) => path === "/chat/completions")).toEqual([]);
  });

  test.each(["queries", "auto", "emoji", "image_prompt"])("%s is not offered", async (name) => {
    const reply = await ask(name, { prompt: "Hi", responses: ["a", "b"] });
    expect(reply.status).toBe(400);
    expect(detailOf(reply)).toMatch(/does not offer/);
    expect((await ask(name, {}, createCaller(stage.url, ""))).status).toBe(401);
  });
});

describe("merging answers", () => {
  const question = { prompt: "Is Paris big?", responses: ["It is **big**.", "It is small."] };
  const merge = (more: Json = {}) =>
    owner.post("/api/v1/tasks/moa/completions", { model: MODEL, ...question, ...more });
  const asked = () => stage.provider.requests.filter(({ path }) => path === "/chat/completions");

  test("shows the model the question and all answers, and keeps nothing", async () => {
    const { object, choices } = expectOk(await merge());
    expect(object).toBe("chat.completion");
    expect(choices[0].message.content).toBe("Merged: It is **big**. It is small.");
    expect(asked()).toHaveLength(1);
    const [{ role, content }] = asked()[0]!.body!.messages as Json[];
    expect(role).toBe("user");
    for (const part of ["### Task:", question.prompt, ...question.responses]) expect(content).toContain(part);
    expect(expectOk(await owner.get("/api/v1/chats/"))).toEqual([]);
  });

  test("streams as pages ask for it", async () => {
    const reply = await merge({ stream: true });
    expect(reply.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(replyText(reply)).toBe("Merged: It is **big**. It is small.");
    expect(reply.chunks.at(-1)).toBe("[DONE]");
  });

  test.each([
    [{ model: "nope" }, 400],
    [{ prompt: undefined }, 422],
    [{ responses: [] }, 422],
    [{ responses: [{ content: "x" }] }, 422],
    [{ stream: "yes" }, 422],
  ])("a bad body is refused: %j", async (more, status) => {
    expect((await merge(more)).status).toBe(status);
    expect(asked()).toEqual([]);
  });
});
