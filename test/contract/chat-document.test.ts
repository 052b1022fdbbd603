import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  chatOf,
  expectOk,
  fetchChat,
  listedMessage,
  MODEL,
  newChat,
  placeholder,
  userMessage,
} from "../support/chat.ts";
import { type Caller, detailOf, type Json } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage?.close());

const pair = () => [userMessage("u", "Hi"), placeholder("a", "u")];

describe("the record and the Chat DTO", () => {
  test("chats/new, GET and POST answer the same record around the same chat", async () => {
    const made = await newChat(owner, chatOf(pair()));
    expect(made).toMatchObject({
      success: true,
      id: expect.any(String),
      user_id: expect.any(String),
      title: "New Chat",
      share_id: null,
      archived: false,
      pinned: false,
      meta: expect.any(Object),
      folder_id: null,
    });
    const nowSec = Date.now() / 1000;
    for (const time of [made.created_at, made.updated_at]) expect(Math.abs(time - nowSec)).toBeLessThan(60);
    const fetched = await fetchChat(owner, made.id);
    expect(fetched).toEqual(made);
    const posted = expectOk(await owner.post(`/api/v1/chats/${made.id}`, { chat: {} }));
    expect(posted.chat).toEqual(made.chat);
  });

  test("the chat has every field of the tutorial's Chat DTO", async () => {
    const { id, chat } = await newChat(owner, chatOf(pair()));
    expect(chat).toMatchObject({
      id,
      title: "New Chat",
      models: [MODEL],
      files: [],
      tags: [],
      params: {},
      timestamp: expect.any(Number),
      currentId: "a",
      history: { currentId: "a", current_id: "a" },
    });
    expect(Object.keys(chat.history.messages)).toEqual(["u", "a"]);
  });

  test.each([{}, { title: null }, { messages: [] }, { models: [], messages: [], title: "" }])(
    "everything is defaulted: %j",
    async (posted) => {
      const { chat, title } = await newChat(owner, posted);
      expect(typeof title).toBe("string");
      expect(chat).toMatchObject({
        title,
        models: [],
        files: [],
        tags: [],
        params: {},
        messages: [],
        currentId: null,
      });
      expect(chat.history.messages).toEqual({});
    },
  );

  test("unknown keys and sent timestamps are kept as they were", async () => {
    const messages = [
      userMessage("u", "Hi", { timestamp: 1720000000000, mine: { a: [1, null] } }),
      placeholder("a", "u", { timestamp: 1720000001 }),
    ];
    const { chat } = await newChat(owner, chatOf(messages, { mine: { b: "c" }, timestamp: 1720000000000 }));
    expect(chat.mine).toEqual({ b: "c" });
    expect(chat.timestamp).toBe(1720000000000);
    expect(chat.history.messages.u).toMatchObject({ timestamp: 1720000000000, mine: { a: [1, null] } });
    expect(chat.history.messages.a.timestamp).toBe(1720000001);
  });

  test("a caller's chat.id is not the chat's id", async () => {
    const { id, chat } = await newChat(owner, chatOf(pair(), { id: "mine" }));
    expect(id).not.toBe("mine");
    expect(chat.id).toBe(id);
  });

  test("params and files are kept", async () => {
    const params = { temperature: 0.7, max_tokens: 1000 };
    const made = await newChat(owner, chatOf(pair(), { params, files: [] }));
    expect((await fetchChat(owner, made.id)).chat.params).toEqual(params);
  });

  test("tags become the record's, each with a colour that stays", async () => {
    const tags = [{ id: "x", name: "Important", color: "#FF5733" }, { id: "y", name: "geography" }, "europe"];
    const made = await newChat(owner, chatOf(pair(), { tags }));
    expect(made.chat.tags.map((tag: Json) => tag.name.toLowerCase()).sort()).toEqual([
      "europe",
      "geography",
      "important",
    ]);
    for (const tag of made.chat.tags) {
      expect(tag).toMatchObject({
        id: expect.any(String),
        name: expect.any(String),
        color: expect.stringMatching(/^#[0-9a-f]{6}$/i),
      });
    }
    expect(made.meta.tags).toEqual(made.chat.tags.map((tag: Json) => tag.id));
    const other = await newChat(owner, chatOf(pair(), { tags: ["geography"] }));
    const colour = (record: Json) =>
      record.chat.tags.find(({ name }: Json) => name.toLowerCase() === "geography").color;
    expect(colour(other)).toBe(colour(made));
    expect(colour(await fetchChat(owner, made.id))).toBe(colour(made));
  });
});

describe("the tree", () => {
  test("missing links are filled in", async () => {
    const user = { id: "u", role: "user", content: "Hi", models: [MODEL] };
    const answer = { id: "a", role: "assistant", content: "", parentId: "u", modelName: MODEL };
    const { chat } = await newChat(owner, {
      models: [MODEL],
      messages: [user, answer],
      history: { messages: { u: user, a: answer } },
    });
    expect(chat.history.messages.u).toMatchObject({ parentId: null, childrenIds: ["a"] });
    expect(chat.history.messages.a).toMatchObject({ parentId: "u", childrenIds: [], model: MODEL });
    expect([chat.currentId, chat.history.currentId]).toEqual(["a", "a"]);
    expect(chat.messages.map(({ id }: Json) => id)).toEqual(["u", "a"]);
  });

  test("without history it comes from messages in their order", async () => {
    const messages = ["u1", "a1", "u2"].map((id) => ({
      id,
      role: id.startsWith("u") ? "user" : "assistant",
      content: id,
    }));
    const { chat } = await newChat(owner, { title: "t", models: [MODEL], messages });
    expect(chat.history.messages.u2.parentId).toBe("a1");
    expect(chat.history.messages.a1.parentId).toBe("u1");
    expect(chat.currentId).toBe("u2");
  });

  test.each(["currentId", "current_id"])("history.%s names the current message", async (name) => {
    const messages = { u: userMessage("u", "Hi"), a: placeholder("a", "u"), b: placeholder("b", "u") };
    const { chat } = await newChat(owner, { history: { [name]: "a", messages } });
    expect([chat.currentId, chat.history.currentId, chat.history.current_id]).toEqual(["a", "a", "a"]);
    expect(chat.messages.map(({ id }: Json) => id)).toEqual(["u", "a", "b"]);
  });

  test.each([
    { name: "a null parentId beside childrenIds begins a root", links: { childrenIds: [] }, parentId: null },
    { name: "a null parentId alone is what serialisers write for an absent one", links: {}, parentId: "u1" },
  ])("$name", async ({ links, parentId }) => {
    const messages = ["u1", "u2"].map((id) => userMessage(id, id, { parentId: null, ...links }));
    const { chat } = await newChat(owner, chatOf(messages));
    expect(chat.history.messages.u1.parentId).toBeNull();
    expect(chat.history.messages.u2.parentId).toBe(parentId);
    expect(chat.currentId).toBe("u2");
  });

  test("the same literal ids live in many chats", async () => {
    const [one, two] = [await newChat(owner, chatOf(pair())), await newChat(owner, chatOf(pair()))];
    expectOk(
      await owner.post(`/api/v1/chats/${one.id}`, {
        chat: { history: { messages: { u: { content: "changed" } } } },
      }),
    );
    expect(listedMessage(await fetchChat(owner, one.id), "u").content).toBe("changed");
    expect(listedMessage(await fetchChat(owner, two.id), "u").content).toBe("Hi");
  });

  test("any printable id up to 256 characters is taken, and comes back whole", async () => {
    const id = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
      .filter((text) => text.length <= 256 && !/[\u0000-\u001f\u007f-\u009f]/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 2, maxLength: 2 }), async ([u, a]) => {
        const { chat } = await newChat(owner, chatOf([userMessage(u!, "Hi"), placeholder(a!, u!)]));
        expect(chat.messages.map((message: Json) => message.id)).toEqual([u, a]);
        expect(Object.keys(chat.history.messages).toSorted()).toEqual([u, a].toSorted());
      }),
      { numRuns: 40, seed: 3, examples: [[["__proto__", "constructor"]], [["toString", "1"]]] },
    );
  });

  const refused: { name: string; messages: Record<string, Json> }[] = [
    {
      name: "a message that is its own parent",
      messages: { u: userMessage("u", "Hi", { parentId: "u" }) },
    },
    {
      name: "two that are each other's parents",
      messages: { u: userMessage("u", "Hi", { parentId: "a" }), a: placeholder("a", "u") },
    },
    { name: "an orphan", messages: { a: placeholder("a", "nobody") } },
    {
      name: "a key that is not the message's id",
      messages: { u: { ...userMessage("u", "Hi"), id: "other" } },
    },
  ];
  test.each(refused)("$name is a clear 400, and no chat is made", async ({ messages }) => {
    const count = (await owner.get("/api/v1/chats/")).body.length;
    const reply = await owner.post("/api/v1/chats/new", { chat: { history: { messages } } });
    expect(reply.status, reply.text).toBe(400);
    expect(detailOf(reply)).toMatch(/\w+ \w+ \w+/);
    expect((await owner.get("/api/v1/chats/")).body).toHaveLength(count);
  });

  test.each(refused)("$name posted later is a 400 that changes nothing", async ({ messages }) => {
    const made = await newChat(owner, chatOf([userMessage("u", "Hi"), placeholder("a", "u")]));
    const reply = await owner.post(`/api/v1/chats/${made.id}`, { chat: { history: { messages } } });
    expect(reply.status, reply.text).toBe(400);
    expect((await fetchChat(owner, made.id)).chat).toEqual(made.chat);
  });

  test.each([
    { name: "an id of 257 characters", id: "x".repeat(257) },
    { name: "an empty id", id: "" },
    { name: "a control character", id: "a\nb" },
  ])("$name is refused", async ({ id }) => {
    const reply = await owner.post("/api/v1/chats/new", {
      chat: chatOf([userMessage(id, "Hi")]),
    });
    expect([400, 422]).toContain(reply.status);
    expect(detailOf(reply)).not.toBe("null");
  });
});
