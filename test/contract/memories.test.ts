import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, fetchMessage, MODEL } from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const features = { memory: true };

let stage: Stage;
let owner: Caller;
let bob: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
  bob = await stage.addUser("bob");
});
beforeEach(async () => {
  await owner.delete("/api/v1/memories/delete/user");
});
afterEach(() => stage.provider.reset());
afterAll(() => stage?.close());

const add = async (content: string, caller = owner): Promise<Json> =>
  expectOk(await caller.post("/api/v1/memories/add", { content }));
const list = async (caller = owner): Promise<Json[]> => expectOk(await caller.get("/api/v1/memories/"));
const askedTexts = (): string[] =>
  stage.provider.requests
    .filter(({ path }) => path === "/embeddings")
    .flatMap(({ body }) => (body as unknown as { input: string[] }).input);

/** The messages of the last completion that the provider was asked for. */
const sent = (): Json[] =>
  stage.provider.requests.findLast(({ path }) => path === "/chat/completions")!.body!.messages as Json[];

describe("memories", () => {
  test("are kept, listed in their order, changed and deleted", async () => {
    const first = await add(" I live in Bern ");
    expect(first).toMatchObject({
      user_id: expect.any(String),
      type: "context",
      path: null,
      content: "I live in Bern",
      meta: { created_by: "manual" },
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
    });
    const second = await add("I like green tea");
    expect((await list()).map(({ id }) => id)).toEqual([first.id, second.id]);
    const changed = { content: "I live in Basel", type: "user" };
    expect(expectOk(await owner.post(`/api/v1/memories/${first.id}/update`, changed))).toMatchObject(changed);
    expect(expectOk(await owner.delete(`/api/v1/memories/${second.id}`))).toBe(true);
    expect((await owner.delete(`/api/v1/memories/${second.id}`)).status).toBe(404);
    expect(await list()).toMatchObject([changed]);
    expect(expectOk(await owner.delete("/api/v1/memories/delete/user"))).toBe(true);
    expect(await list()).toEqual([]);
  });

  test("are each user's own", async () => {
    await add("I live in Bern");
    await add("Bob's", bob);
    expect(await list(bob)).toMatchObject([{ content: "Bob's" }]);
    expectOk(await owner.delete("/api/v1/memories/delete/user"));
    expect(await list(bob)).toMatchObject([{ content: "Bob's" }]);
    expectOk(await bob.delete("/api/v1/memories/delete/user"));
  });

  test.each([{}, { content: "" }, { content: "  " }, { content: 1 }, { content: "x".repeat(10_001) }, []])(
    "a body that is none is refused: %#",
    async (body) => {
      const reply = await owner.post("/api/v1/memories/add", body);
      expect(reply.status).toBe(422);
      expect(await list()).toEqual([]);
    },
  );

  test("are found by their meaning; their vectors are made once, and anew after a reset", async () => {
    const bern = await add("I live in Bern");
    await add("I like green tea");
    const query = async (k?: number) =>
      expectOk(await owner.post("/api/v1/memories/query", { content: "Where do I live?", k }));
    expect(await query()).toMatchObject({ ids: [[bern.id]], documents: [["I live in Bern"]] });
    const both = await query(2);
    expect(both.ids[0]).toHaveLength(2);
    expect(both.distances[0][0]).toBeGreaterThan(both.distances[0][1]);
    const madeOf = (text: string) => askedTexts().filter((asked) => asked === text).length;
    expect(madeOf("I live in Bern")).toBe(1);
    expect(expectOk(await owner.post("/api/v1/memories/reset"))).toBe(true);
    await query();
    expect(madeOf("I live in Bern")).toBe(2);
    expect(expectOk(await bob.post("/api/v1/memories/query", { content: "Bern" }))).toMatchObject({
      ids: [[]],
    });
  });

  test("are found by their words where the embedder is away", async () => {
    const bern = await add("I live in Bern");
    await add("I like green tea");
    stage.provider.configure({ failEmbeddings: Array(20).fill(400) });
    const body = { content: "Bern, where I live?", k: 5 };
    expect(expectOk(await owner.post("/api/v1/memories/query", body)).ids).toEqual([[bern.id]]);
  });

  test("are so many at most", async () => {
    const carol = await stage.addUser("carol");
    for (let count = 0; count < 1_000; count += 50)
      await Promise.all(Array.from({ length: 50 }, (_, index) => add(`${count + index}`, carol)));
    const reply = await carol.post("/api/v1/memories/add", { content: "one more" });
    expect(reply.status).toBe(400);
    expect(detailOf(reply)).toMatch(/1000 memories/);
  });
});

describe("an answer with `features.memory`", () => {
  test("is told what the user wants remembered; nothing of it is kept in the chat or told in its title", async () => {
    await add("I live in\nBern");
    await add("I am called Zoë");
    await add("Bob's secret", bob);
    const chat = await askedChat(owner);
    const more = { stream: false, features, background_tasks: { title_generation: true } };
    expectOk(await complete(owner, completionBody(chat, more)));
    await owner.post("/api/chat/completed", {
      model: MODEL,
      chat_id: chat.chatId,
      id: chat.answerId,
      session_id: "s",
    });
    const asked = stage.provider.requests.filter(({ path }) => path === "/chat/completions");
    const [answer, title] = asked.map(({ body }) => body!.messages as Json[]);
    expect(answer).toHaveLength(2);
    expect(answer![0]).toMatchObject({ role: "system" });
    expect(answer![0].content).toMatch(/- I live in Bern \(noted on \d{4}-\d\d-\d\d\)\n- I am called Zoë/);
    expect(answer![0].content).not.toContain("Bob");
    expect(JSON.stringify(title)).not.toContain("Zoë");
    const record = (await owner.get(`/api/v1/chats/${chat.chatId}`)).text;
    expect(record).not.toMatch(/Bern|Zoë/);
    expect((await fetchMessage(owner, chat.chatId, chat.answerId)).statusHistory ?? []).toEqual([]);
    expect(askedTexts(), "few memories are told as they are").toEqual([]);
  });

  test("puts it behind the system prompt, in a request without a chat too", async () => {
    await add("I live in Bern");
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ];
    expectOk(await owner.post("/api/chat/completions", { model: MODEL, messages, features, stream: false }));
    expect(sent()).toHaveLength(2);
    expect(sent()[0].content).toMatch(/^Be brief\.\n\nThe user has .*\n- I live in Bern/);
  });

  test.each([{ memory: false }, { memory: "true" }, {}])("and none without it: %j", async (none) => {
    await add("I live in Bern");
    const chat = await askedChat(owner);
    expectOk(await complete(owner, completionBody(chat, { stream: false, features: none })));
    expect(sent()).toMatchObject([{ role: "user" }]);
  });

  test("without memories is as any other", async () => {
    const chat = await askedChat(owner);
    expectOk(await complete(owner, completionBody(chat, { stream: false, features })));
    expect(sent()).toMatchObject([{ role: "user" }]);
  });

  test("is told those nearest to the question where there are many", async () => {
    for (let index = 0; index < 60; index += 1)
      await add(`Thing number ${index}: ${"filling words stand here ".repeat(5)}`);
    await add("My sister keeps bees in Olten");
    const chat = await askedChat(owner, "Where does my sister keep her bees?");
    expectOk(await complete(owner, completionBody(chat, { stream: false, features })));
    const [system] = sent();
    expect(system.content).toMatch(/^The user has .*\n- My sister keeps bees in Olten/);
    expect(system.content.length).toBeLessThan(4_500);
    stage.provider.configure({ failEmbeddings: Array(20).fill(400) });
    const again = await askedChat(owner, "Where does my sister keep her bees?");
    expectOk(await complete(owner, completionBody(again, { stream: false, features })));
    expect(sent()[0].content).toContain("My sister keeps bees in Olten");
    expect(sent()[0].content, "by words, only what shares one").not.toContain("Thing number");
  });

  test("is told of a long one as much as fits", async () => {
    await add(`Long ${"word ".repeat(1_900)}`);
    const chat = await askedChat(owner, "Which word is long?");
    expectOk(await complete(owner, completionBody(chat, { stream: false, features })));
    expect(sent()[0].content).toContain("- Long word");
    expect(sent()[0].content.length).toBeLessThan(4_500);
  });
});
