import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  askedChat,
  chatOf,
  expectOk,
  fetchChat,
  newChat,
  placeholder,
  userMessage,
} from "../support/chat.ts";
import { type Caller, createCaller, detailOf } from "../support/http.ts";
import { openStage, type Stage } from "../support/server.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage?.close());

describe("what anybody may ask", () => {
  const anonymous = () => createCaller(stage.url, "");

  test("health, version, config and the API's description", async () => {
    expect((await anonymous().get("/health")).status).toBe(200);
    expect(expectOk(await anonymous().get("/api/version")).version).toEqual(expect.any(String));
    expect(expectOk(await anonymous().get("/api/config"))).toMatchObject({
      name: expect.any(String),
      version: expect.any(String),
      features: expect.any(Object),
    });
    const description = expectOk(await anonymous().get("/openapi.json"));
    expect(description.openapi).toMatch(/^3\./);
    expect(description.paths).toHaveProperty("/api/chat/completions");
    expect(description.paths).toHaveProperty("/api/v1/chats/new");
  });

  test.each(["GET", "POST", "PUT", "DELETE"])(
    "an unknown path under /api is a JSON 404: %s",
    async (method) => {
      for (const path of ["/api/nothing", "/api/v1/nothing/here", "/api/v1/chats/a/b/c/d"]) {
        const reply = await owner.call(method, path);
        expect(reply.status, path).toBe(404);
        expect(reply.headers.get("content-type")).toContain("application/json");
        expect(detailOf(reply)).toMatch(/\w+/);
      }
    },
  );

  test("every answer carries a request id, and an error names it", async () => {
    const reply = await owner.get("/api/nothing");
    const id = reply.headers.get("x-request-id");
    expect(id).toMatch(/\S{8,}/);
    expect(reply.text).toContain(id!);
    expect((await owner.get("/api/nothing")).headers.get("x-request-id")).not.toBe(id);
  });
});

describe("models", () => {
  test("are listed as the provider has them", async () => {
    const { data } = expectOk(await owner.get("/api/models"));
    expect(data.map(({ id }: { id: string }) => id)).toEqual(["gpt-4o", "gpt-4o-mini"]);
    expect(data[0]).toMatchObject({
      name: expect.any(String),
      object: "model",
      created: expect.any(Number),
      owned_by: expect.any(String),
    });
  });

  test("models/model answers one; an unknown one and no id are refused", async () => {
    const model = expectOk(await owner.get("/api/v1/models/model?id=gpt-4o"));
    expect(model).toMatchObject({ id: "gpt-4o", model: "gpt-4o", meta: { capabilities: expect.any(Array) } });
    expect(model.meta, "not known, so absent").not.toHaveProperty("context_length");
    const unknown = await owner.get("/api/v1/models/model?id=no-such-model");
    expect([401, 404]).toContain(unknown.status);
    expect(detailOf(unknown)).toMatch(/\w+/);
    expect([400, 422]).toContain((await owner.get("/api/v1/models/model")).status);
  });

  test("a model that nobody offers is refused by completions, with its name", async () => {
    const chat = await askedChat(owner);
    for (const model of ["no-such-model", ""]) {
      const body = {
        chat_id: chat.chatId,
        id: chat.answerId,
        model,
        messages: [{ role: "user", content: "Hi" }],
      };
      const reply = await owner.post("/api/chat/completions", body);
      expect([400, 404, 422]).toContain(reply.status);
      if (model !== "") expect(detailOf(reply)).toContain(model);
    }
    const { content } = (await fetchChat(owner, chat.chatId)).chat.history.messages[chat.answerId];
    expect(content).toBe("");
  });
});

describe("what a client that probes for abilities finds", () => {
  test("link_parent: users/user/status is JSON", async () => {
    const reply = await owner.get("/api/v1/users/user/status");
    expect([200, 403]).toContain(reply.status);
    expect(reply.body).toBeDefined();
    if (reply.status === 403) expect(detailOf(reply)).toMatch(/\w+/);
  });

  test("link_message: knowledge/{id}/files is a JSON error other than an unknown path's", async () => {
    const reply = await owner.get(`/api/v1/knowledge/${NOBODY}/files`);
    expect([400, 401, 404]).toContain(reply.status);
    expect(reply.body.detail).toBeDefined();
    expect(reply.body.detail).not.toBe("Not Found");
  });

  test("server_turns: tasks/chat/{id}/stop is there", async () => {
    const reply = await owner.post(`/api/tasks/chat/${NOBODY}/stop`);
    expect([200, 404]).toContain(reply.status);
    expect(reply.body).toBeDefined();
  });

  test("history_merge and delete_message: a canary chat", async () => {
    const messages = [userMessage("u", "Hi"), placeholder("a", "u", { content: "Hello", done: true })];
    const { id } = await newChat(owner, chatOf(messages));
    expectOk(
      await owner.post(`/api/v1/chats/${id}`, {
        chat: { history: { currentId: "a", messages: { a: placeholder("a", "u", { content: "Hello" }) } } },
      }),
    );
    expect((await fetchChat(owner, id)).chat.history.messages).toHaveProperty("u");
    expect((await owner.delete(`/api/v1/chats/${id}/messages/a`)).status).toBe(200);
  });
});

describe("bad input", () => {
  const POSTS = ["/api/v1/chats/new", "/api/chat/completions", "/api/chat/completed", "/api/v1/auths/signin"];

  test.each(POSTS)("%s: what is no JSON object is a 4xx with a detail", async (path) => {
    for (const body of ["{", "", "null", "[]", '"text"', "1", '{"a":1e999}', "\u0000", "{}"]) {
      const reply = await owner.post(path, body);
      expect([400, 422], `${path} ${body}: ${reply.text}`).toContain(reply.status);
      expect(detailOf(reply)).not.toBe("null");
    }
  });

  test("wrong types are named by their place", async () => {
    const reply = await owner.post("/api/v1/chats/new", { chat: { messages: [{ id: 1, role: "user" }] } });
    expect(reply.status).toBe(422);
    expect(detailOf(reply)).toMatch(/messages/);
  });

  test("a value nested 5,000 deep is taken or refused", async () => {
    const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    const reply = await owner.post("/api/v1/chats/new", `{"chat":{"mine":${deep}}}`);
    expect(reply.status, reply.text.slice(0, 300)).toBeLessThan(500);
  });

  test("a branch of 3,000 messages is taken", async () => {
    const messages = Array.from({ length: 3_000 }, (_, index) =>
      userMessage(`m${index}`, "x", { parentId: index === 0 ? null : `m${index - 1}` }),
    );
    const { chat } = await newChat(owner, chatOf(messages));
    expect(chat.messages).toHaveLength(3_000);
  });
});
