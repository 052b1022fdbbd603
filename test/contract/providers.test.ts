import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/server/index.ts";
import { askedChat, complete, completionBody, expectOk, finalMessage, trigger } from "../support/chat.ts";
import { detailOf, type Json, type Reply } from "../support/http.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { openStage, type Stage, signIn, signUp } from "../support/server.ts";

const KEY = "sk-a-key-that-nobody-may-see";

let stage: Stage;
let other: TestProvider;
let first: Json;

beforeAll(async () => {
  other = await startProvider({ models: ["gpt-4o", "other-model"], apiKey: KEY });
  stage = await openStage();
  first = expectOk(await stage.owner.get("/openai/config"));
});
afterEach(async () => {
  expectOk(await stage.owner.post("/openai/config/update", first));
  stage.provider.reset();
  other.reset();
});
afterAll(async () => {
  await stage?.close();
  await other?.close();
});

interface Posted {
  url: string;
  key: string;
  config?: Json;
}
const listOf = (connections: Posted[]) => ({
  ENABLE_OPENAI_API: true,
  OPENAI_API_BASE_URLS: connections.map(({ url }) => url),
  OPENAI_API_KEYS: connections.map(({ key }) => key),
  OPENAI_API_CONFIGS: Object.fromEntries(connections.map(({ config = {} }, index) => [`${index}`, config])),
});
const put = (...connections: Posted[]): Promise<Reply> =>
  stage.owner.post("/openai/config/update", listOf(connections));
const own = (config?: Json): Posted => ({ url: stage.provider.url, key: first.OPENAI_API_KEYS[0], config });
const another = (config?: Json): Posted => ({ url: other.url, key: KEY, config });
const modelIds = async () =>
  expectOk(await stage.owner.get("/api/models")).data.map(({ id }: { id: string }) => id);

describe("the connections", () => {
  test("are those of the environment until somebody changes them, their keys masked", () => {
    expect(first).toMatchObject({
      ENABLE_OPENAI_API: true,
      OPENAI_API_BASE_URLS: [stage.provider.url],
      OPENAI_API_KEYS: [expect.stringMatching(/^stored-key-[\da-f]{24}$/)],
      OPENAI_API_CONFIGS: { 0: { enable: true } },
      failures: [null],
    });
  });

  test("are an administrator's alone", async () => {
    const user = await stage.addUser("plain");
    for (const [method, path] of [
      ["GET", "/openai/config"],
      ["POST", "/openai/config/update"],
      ["POST", "/openai/verify"],
      ["GET", "/openai/models?url_idx=0"],
      ["GET", "/openai/models/0"],
      ["POST", "/ollama/config/update"],
    ] as const) {
      expect((await user.call(method, path, method === "POST" ? { body: {} } : {})).status).toBe(403);
    }
  });

  test("take effect at once: models come and go, and a new one answers with its key", async () => {
    const posted = expectOk(await put(own(), another()));
    expect(JSON.stringify(posted)).not.toContain(KEY);
    expect(await modelIds()).toEqual(["gpt-4o", "gpt-4o-mini", "other-model"]);
    const chat = await askedChat(stage.owner);
    expectOk(await complete(stage.owner, completionBody(chat, { model: "other-model", stream: false })));
    expect(other.requests.at(-1)!.headers.authorization).toBe(`Bearer ${KEY}`);
    expectOk(await put(own()));
    expect(await modelIds()).toEqual(["gpt-4o", "gpt-4o-mini"]);
  });

  test("answer in their order: of an id that two offer, the first has it", async () => {
    expectOk(await put(another(), own()));
    expect(await modelIds()).toEqual(["gpt-4o", "other-model", "gpt-4o-mini"]);
    const chat = await askedChat(stage.owner);
    expectOk(await complete(stage.owner, completionBody(chat, { stream: false })));
    expect(other.requests.at(-1)).toMatchObject({ path: "/chat/completions", body: { model: "gpt-4o" } });
  });

  test("keep models apart by a prefix, which their endpoint never sees", async () => {
    expectOk(await put(own(), another({ prefix_id: "b", tags: [{ name: "far" }] })));
    expect(await modelIds()).toEqual(["gpt-4o", "gpt-4o-mini", "b.gpt-4o", "b.other-model"]);
    const { data } = expectOk(await stage.owner.get("/api/models"));
    expect(data.at(-1).tags).toEqual([{ name: "far" }]);
    const chat = await askedChat(stage.owner);
    expectOk(await complete(stage.owner, completionBody(chat, { model: "b.gpt-4o", stream: false })));
    expect(other.requests.at(-1)!.body!.model).toBe("gpt-4o");
  });

  test("offer only the models that are named, and none while they are disabled", async () => {
    expectOk(await put(own(), another({ model_ids: ["other-model", "unlisted"] })));
    expect(await modelIds()).toEqual(["gpt-4o", "gpt-4o-mini", "other-model", "unlisted"]);
    expectOk(await put(own(), another({ enable: false })));
    expect(await modelIds()).toEqual(["gpt-4o", "gpt-4o-mini"]);
    expectOk(await stage.owner.post("/openai/config/update", { ...first, ENABLE_OPENAI_API: false }));
    expect(await modelIds()).toEqual([]);
  });

  test("send headers of their own, and mask these too", async () => {
    expectOk(await put(own(), another({ headers: { "X-Gateway": "a-secret-pass" } })));
    const shown = expectOk(await stage.owner.get("/openai/config"));
    expect(JSON.stringify(shown)).not.toContain("a-secret-pass");
    expectOk(await stage.owner.post("/openai/config/update", shown));
    await modelIds();
    expectOk(await stage.owner.get("/openai/models/1"));
    expect(other.requests.at(-1)!.headers).toMatchObject({
      "x-gateway": "a-secret-pass",
      authorization: `Bearer ${KEY}`,
    });
  });

  test("let an answer under way go on when its own is taken away", async () => {
    expectOk(await put(own(), another()));
    const chat = await askedChat(stage.owner, "[[tokens=40]] [[delay=5]]", { model: "other-model" });
    other.configure({ delayMs: 5 });
    await trigger(stage.owner, chat, { model: "other-model" });
    expectOk(await put(own()));
    const message = await finalMessage(stage.owner, chat.chatId, chat.answerId);
    expect(message).toMatchObject({ done: true });
    expect(message.error).toBeUndefined();
    expect(message.content).toContain("tok39");
  });

  test("say which of them is down, and the others go on", async () => {
    expectOk(await put(own(), { url: "http://127.0.0.1:9/v1", key: "" }));
    expect(await modelIds()).toEqual(["gpt-4o", "gpt-4o-mini"]);
    const { failures } = expectOk(await stage.owner.get("/openai/config"));
    expect(failures).toEqual([null, expect.stringContaining("cannot be reached at 127.0.0.1:9")]);
  });
});

describe("a mask", () => {
  test("keeps the key that it stands for, wherever in the list it comes to stand", async () => {
    const { OPENAI_API_KEYS: masks } = expectOk(await put(own(), another()));
    const swapped = [{ url: other.url, key: masks[1] }, own()];
    expect(expectOk(await put(...swapped)).OPENAI_API_KEYS).toEqual([masks[1], masks[0]]);
    expectOk(await stage.owner.get("/openai/models/0"));
    expect(other.requests.at(-1)!.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test("is worth nothing at another address", async () => {
    const { OPENAI_API_KEYS: masks } = expectOk(await put(own(), another()));
    for (const reply of [
      await put({ url: stage.provider.url, key: masks[1] }),
      await stage.owner.post("/openai/verify", { url: stage.provider.url, key: masks[1] }),
    ]) {
      expect(reply.status).toBe(400);
      expect(detailOf(reply)).toContain("enter the key again");
    }
    const sent = stage.provider.requests.map(({ headers }) => headers.authorization);
    expect(sent).not.toContain(`Bearer ${KEY}`);
  });
});

describe("a test of an endpoint", () => {
  test("lists its models and keeps nothing", async () => {
    const { data } = expectOk(await stage.owner.post("/openai/verify", { url: `${other.url}/`, key: KEY }));
    expect(data.map(({ id }: Json) => id)).toEqual(["gpt-4o", "other-model"]);
    expect(expectOk(await stage.owner.get("/openai/config"))).toEqual(first);
  });

  test("says what is wrong, without the key", async () => {
    const wrong = await stage.owner.post("/openai/verify", { url: other.url, key: "sk-wrong-key" });
    expect(wrong.status).toBe(502);
    expect(detailOf(wrong)).toMatch(/refused its API key with 401/);
    expect(wrong.text).not.toContain("sk-wrong-key");
    const down = await stage.owner.post("/openai/verify", { url: "http://127.0.0.1:9/v1", key: "x" });
    expect([down.status, detailOf(down)]).toEqual([502, expect.stringContaining("cannot be reached")]);
  });

  test("a connection's own list is had by its place", async () => {
    expectOk(await put(own(), another({ prefix_id: "b", model_ids: ["x"] })));
    for (const path of ["/openai/models/1", "/openai/models?url_idx=1"]) {
      const { data } = expectOk(await stage.owner.get(path));
      expect(data.map(({ id }: Json) => id)).toEqual(["gpt-4o", "other-model"]);
    }
    for (const place of ["2", "-1", "x", "1e9"]) {
      expect((await stage.owner.get(`/openai/models/${place}`)).status).toBe(404);
    }
  });
});

describe("what is refused, with nothing changed", () => {
  test.each([
    [{ url: "file:///etc/passwd", key: "" }, 400],
    [{ url: "not an address", key: "" }, 400],
    [{ url: "http://ann:secret@127.0.0.1/v1", key: "" }, 400],
    [{ url: "http://127.0.0.1/v1", key: "", config: { auth_type: "session" } }, 400],
    [{ url: "http://127.0.0.1/v1", key: "", config: { azure: true } }, 400],
    [{ url: "http://127.0.0.1/v1", key: "", config: { api_type: "responses" } }, 400],
    [{ url: "http://127.0.0.1/v1", key: "", config: { headers: { "x\r\ny": "z" } } }, 422],
    [{ url: "http://127.0.0.1/v1", key: "", config: { headers: { host: "z" } } }, 422],
    [{ url: "http://127.0.0.1/v1", key: "", config: { model_ids: [1] } }, 422],
    [{ url: "http://127.0.0.1/v1", key: "", config: { enable: "perhaps" } }, 422],
    [{ url: "x".repeat(3_000), key: "" }, 422],
    [{ url: "http://127.0.0.1/v1", key: "k".repeat(9_000) }, 422],
    [{ url: "http://127.0.0.1/v1", key: "line\nbreak" }, 422],
  ])("%o", async (connection, status) => {
    const reply = await put(connection);
    expect([reply.status, reply.text]).toEqual([status, expect.any(String)]);
    expect(detailOf(reply)).toMatch(/\w+/);
    expect(reply.text).not.toContain("secret");
    expect(expectOk(await stage.owner.get("/openai/config"))).toEqual(first);
  });

  test("Ollama's own API, with a word on how it is added", async () => {
    const off = expectOk(await stage.owner.get("/ollama/config"));
    expect(off).toEqual({ ENABLE_OLLAMA_API: false, OLLAMA_BASE_URLS: [], OLLAMA_API_CONFIGS: {} });
    expect(expectOk(await stage.owner.post("/ollama/config/update", off))).toEqual(off);
    for (const [path, body] of [
      ["/ollama/config/update", { ...off, ENABLE_OLLAMA_API: true }],
      ["/ollama/verify", { url: "http://127.0.0.1:11434", key: "" }],
    ] as const) {
      const reply = await stage.owner.post(path, body);
      expect([reply.status, detailOf(reply)]).toEqual([400, expect.stringContaining(":11434/v1")]);
    }
  });
});

test("a stored list wins over the environment, its keys are sealed, and another secret opens none", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "offstage-sealed-"));
  const start = (secretKey?: string) =>
    startServer({
      dataDir,
      port: 0,
      local: false,
      embedder: { kind: "none" },
      log: "silent",
      openai: [{ baseUrl: stage.provider.url, apiKey: "provider-key" }],
      ...(secretKey ? { secretKey } : {}),
    });
  try {
    let server = await start();
    let owner = await signUp(server.url, "owner");
    expectOk(await owner.post("/openai/config/update", listOf([another()])));
    await server.close();
    for (const name of ["offstage.sqlite", "offstage.sqlite-wal"]) {
      const bytes = await readFile(join(dataDir, name)).catch(() => Buffer.alloc(0));
      expect(bytes.includes(KEY), name).toBe(false);
    }
    server = await start();
    owner = await signIn(server.url, "owner");
    expect(expectOk(await owner.get("/openai/config")).OPENAI_API_BASE_URLS).toEqual([other.url]);
    expectOk(await owner.get("/openai/models/0"));
    await server.close();
    server = await start("another secret than the folder's");
    owner = await signIn(server.url, "owner");
    const config = expectOk(await owner.get("/openai/config"));
    expect([config.OPENAI_API_BASE_URLS, config.OPENAI_API_KEYS]).toEqual([[other.url], [""]]);
    await server.close();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
