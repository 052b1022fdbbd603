import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../../test/support/collect.ts";
import { recordedExchange } from "../../test/support/recordings.ts";
import { createOpenWebUiClient, type OpenWebUiClient } from "./open-webui-client.ts";

type Answer = { status?: number; body?: unknown; html?: true };

/** What the server answers, by method and path; anything else is a page, as on the real one. */
let answers: Record<string, Answer>;
let asked: { call: string; body: unknown }[];
let client: OpenWebUiClient;
let close: () => Promise<void>;

beforeEach(async () => {
  answers = {};
  asked = [];
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    const text = (await collect(request.setEncoding("utf8"))).join("");
    asked.push({ call, body: text === "" ? undefined : JSON.parse(text) });
    const answer =
      answers[call] ??
      (request.method === "GET" ? { html: true } : { status: 405, body: { detail: "Method Not Allowed" } });
    response.writeHead(answer.status ?? 200, {
      "content-type": answer.html ? "text/html" : "application/json",
    });
    response.end(answer.html ? "<!doctype html>" : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = createOpenWebUiClient({
    baseUrl: `http://127.0.0.1:${port}`,
    token: "jwt",
    retry: { retries: 0 },
  });
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});

afterEach(() => close());

const calls = () => asked.map(({ call }) => call);
/** Makes the server answer as a real one did. */
function replay(name: string, step?: string) {
  const { request, response } = recordedExchange(name, step);
  answers[`${request.method} ${request.path}`] = { status: response.status, body: response.body };
  return response.body as Record<string, unknown>;
}

describe("accounts", () => {
  it("sign in, and later calls are theirs", async () => {
    replay("0.6.15/05_signin");
    replay("0.6.15/06_session");
    const user = await client.signIn({ email: "admin@example.com", password: "admin-pass-1" });
    expect(user).toMatchObject({ name: "Admin", role: "admin", expiresAtSec: null });
    expect(await client.session()).toEqual(user);
    expect(asked[0]!.body).toEqual({ email: "admin@example.com", password: "admin-pass-1" });
  });

  it("sign up", async () => {
    const account = { id: "u", email: "e", name: "n", role: "user" };
    answers["POST /api/v1/auths/signup"] = { body: { ...account, token: "t", expires_at: 9 } };
    const user = await client.signUp({ name: "n", email: "e", password: "p" });
    expect(user).toEqual({ ...account, token: "t", expiresAtSec: 9 });
  });

  it.each([
    ["POST", ["POST"]],
    ["GET", ["POST", "GET"]],
  ])("sign out of a server that wants a %s", async (method, methods) => {
    answers[`${method} /api/v1/auths/signout`] = { body: { status: true } };
    await client.signOut();
    expect(calls()).toEqual(methods.map((tried) => `${tried} /api/v1/auths/signout`));
  });

  it("make, read and delete an API key", async () => {
    const { api_key } = replay("0.6.15/02_api_key");
    answers["GET /api/v1/auths/api_key"] = { body: { api_key } };
    answers["DELETE /api/v1/auths/api_key"] = { body: true };
    expect(await client.createApiKey()).toBe(api_key);
    expect(await client.getApiKey()).toBe(api_key);
    await client.deleteApiKey();
  });
});

describe("chats", () => {
  it("are made and read as the server has them", async () => {
    const made = replay("0.6.15/10_step1_new");
    expect(await client.createChat({ title: "New Chat" })).toMatchObject(made);
    const read = replay("0.6.15/16_step7_final");
    expect(await client.getChat(String(read.id))).toMatchObject(read);
  });

  it("are changed, renamed and deleted", async () => {
    const { id, ...chat } = replay("0.6.15/10_step1_new");
    answers["POST /api/v1/chats/c"] = { body: { id, ...chat } };
    answers["DELETE /api/v1/chats/c"] = { body: true };
    await client.updateChat("c", { title: "a", history: { messages: {} } });
    await client.renameChat("c", "b");
    await client.deleteChat("c");
    expect(asked).toEqual([
      { call: "POST /api/v1/chats/c", body: { chat: { title: "a", history: { messages: {} } } } },
      { call: "POST /api/v1/chats/c", body: { chat: { title: "b" } } },
      { call: "DELETE /api/v1/chats/c", body: undefined },
    ]);
  });

  it("are listed by page, all of them, and by search", async () => {
    const rows = recordedExchange("0.6.15/60_list").response.body as { id: string }[];
    answers["GET /api/v1/chats/?page=1"] = { body: rows.slice(0, 2) };
    answers["GET /api/v1/chats/?page=2"] = { body: rows.slice(2) };
    answers["GET /api/v1/chats/?page=3"] = { body: [] };
    answers["GET /api/v1/chats/search?text=a+%26+b&page=1"] = { body: rows.slice(0, 1) };
    expect(await client.listChats({ page: 2 })).toEqual(rows.slice(2));
    expect(await collect(client.allChats())).toEqual(rows);
    expect(await client.searchChats("a & b")).toEqual(rows.slice(0, 1));
  });

  it("have tags", async () => {
    replay("0.6.15/70_tags");
    const { path } = recordedExchange("0.6.15/70_tags").request;
    const chatId = path.split("/").at(-2)!;
    answers[`POST ${path}`] = { body: [] };
    answers[`DELETE ${path}`] = { body: [] };
    expect(await client.listChatTags(chatId)).toEqual(["Europe", "Geography"]);
    await client.addChatTag(chatId, "x");
    await client.removeChatTag(chatId, "x");
    expect(asked.slice(1).map(({ body }) => body)).toEqual([{ name: "x" }, { name: "x" }]);
  });

  it("have messages to change, delete and tell about", async () => {
    answers["POST /api/v1/chats/c/messages/m"] = { body: {} };
    answers["DELETE /api/v1/chats/c/messages/m"] = { body: {} };
    answers["POST /api/v1/chats/c/messages/m/event"] = { body: true };
    await client.updateMessage("c", "m", "text");
    await client.deleteMessage("c", "m");
    await client.postMessageEvent("c", "m", { type: "status", data: { done: true } });
    expect(asked.map(({ body }) => body)).toEqual([
      { content: "text" },
      undefined,
      { type: "status", data: { done: true } },
    ]);
  });

  it("that a server hides by null are not found", async () => {
    answers["GET /api/v1/chats/c"] = { body: null };
    await expect(client.getChat("c")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("models, knowledge and files", () => {
  it("models are listed", async () => {
    const { data } = replay("0.6.15/08_models");
    expect(await client.listModels()).toEqual(data);
  });

  it("a model that only the list knows is its row there", async () => {
    replay("0.6.15/08_models");
    replay("0.6.15/69_model_base");
    expect(await client.getModel("gpt-4o")).toMatchObject({ id: "gpt-4o", owned_by: "openai" });
    answers["GET /api/v1/models/model?id=nope"] = answers["GET /api/v1/models/model?id=gpt-4o"]!;
    await expect(client.getModel("nope")).rejects.toMatchObject({ code: "not_found" });
  });

  it("knowledge comes as a list or by pages", async () => {
    const rows = replay("0.6.15/84_knowledge_list");
    expect(await client.listKnowledge()).toMatchObject(rows);
    answers["GET /api/v1/knowledge/"] = { body: { items: [{ id: "a", name: "A" }], total: 2 } };
    answers["GET /api/v1/knowledge/?page=2"] = { body: { items: [{ id: "b", name: "B" }], total: 2 } };
    expect((await client.listKnowledge()).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("one collection and one file are read", async () => {
    const knowledge = replay("0.12.4/59-knowledge", "get knowledge");
    expect(await client.getKnowledge(String(knowledge.id))).toMatchObject(knowledge);
    answers["GET /api/v1/files/f"] = { body: { id: "f", data: { status: "pending" } } };
    expect(await client.getFile("f")).toMatchObject({ id: "f", status: "pending" });
    answers["GET /api/v1/knowledge/foreign"] = { body: null };
    await expect(client.getKnowledge("foreign")).rejects.toMatchObject({ code: "not_found" });
  });

  it("the configuration is read", async () => {
    answers["GET /api/config"] = { body: { status: true } };
    expect(await client.config()).toEqual({ status: true });
  });
});

describe("tasks", () => {
  const unknown = { status: 404, body: { detail: "We could not find what you're looking for :/" } };
  /** Makes the server one of 0.9.0 or later, whatever id is looked for. */
  function haveServerTurns() {
    answers = new Proxy(answers, {
      get: (known, call: string) =>
        known[call] ?? (/^POST \/api\/tasks\/chat\/[^/]+\/stop$/.test(call) ? unknown : undefined),
    });
  }

  it("of a chat are listed", async () => {
    replay("0.6.15/67_tasks_chat");
    expect(
      await client.listTasks(recordedExchange("0.6.15/67_tasks_chat").request.path.split("/").at(-1)!),
    ).toEqual([]);
  });

  it("are stopped by one call where the server has it", async () => {
    answers["POST /api/tasks/chat/c/stop"] = { body: { status: true } };
    answers["GET /api/version"] = { body: { version: "0.12.4" } };
    haveServerTurns();
    await client.stopChatTasks("c");
    expect(calls().at(-1)).toBe("POST /api/tasks/chat/c/stop");
  });

  it("are stopped one by one elsewhere, though the reply says that it failed, or that one has ended", async () => {
    answers["GET /api/version"] = { body: { version: "0.6.15" } };
    answers["GET /api/tasks/chat/c"] = { body: { task_ids: ["t1", "t2"] } };
    answers["POST /api/tasks/stop/t1"] = { body: { status: false, message: "Failed to stop task t1." } };
    answers["POST /api/tasks/stop/t2"] = { status: 404, body: { detail: "Task with ID t2 not found." } };
    await client.stopChatTasks("c");
    expect(calls().slice(-2).sort()).toEqual(["POST /api/tasks/stop/t1", "POST /api/tasks/stop/t2"]);
  });

  it("of somebody else are not stopped in silence", async () => {
    answers["POST /api/tasks/stop/t"] = {
      status: 401,
      body: { detail: "You do not have permission to access this resource." },
    };
    await expect(client.stopTask("t")).rejects.toMatchObject({ code: "forbidden" });
  });
});

it("nobody listening is unreachable", async () => {
  await close();
  await expect(client.version()).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});
