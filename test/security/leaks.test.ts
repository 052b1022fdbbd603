import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, MODEL } from "../support/chat.ts";
import { type Caller, createCaller } from "../support/http.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { type ServeChild, spawnServe } from "../support/serve-child.ts";
import { account, PASSWORD, signUp } from "../support/server.ts";

const PROVIDER_KEY = "provider-key-that-nobody-may-see";
const SECRET_KEY = "a secret key that signs every token";

let provider: TestProvider;
let dataDir: string;
let server: ServeChild;
let owner: Caller;
let apiKey: string;
let log = "";

beforeAll(async () => {
  provider = await startProvider({ strict: true });
  dataDir = await mkdtemp(join(tmpdir(), "offstage-leaks-"));
  server = await spawnServe(dataDir, provider.url, {
    OPENAI_API_KEYS: PROVIDER_KEY,
    OFFSTAGE_SECRET_KEY: SECRET_KEY,
    OFFSTAGE_EMBEDDER: "none",
    OFFSTAGE_LOG: "debug",
  });
  server.process.stderr?.on("data", (part) => {
    log += part;
  });
  owner = await signUp(server.url, "owner");
  apiKey = expectOk(await owner.post("/api/v1/auths/api_key")).api_key;
  const byKey = createCaller(server.url, apiKey);
  expectOk(await complete(byKey, completionBody(await askedChat(byKey))));
  const refused = await askedChat(byKey, "[[status=401]]");
  await complete(byKey, completionBody(refused));
  const { email } = account("owner");
  await createCaller(server.url, "").post("/api/v1/auths/signin", { email, password: `${PASSWORD}!` });
  await byKey.get("/api/v1/chats/none?token=in-a-query");
  await createCaller(server.url, `${owner.token}x`).get("/api/v1/chats/");
});
afterAll(async () => {
  await server?.kill();
  await provider?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const secrets = (): Record<string, string> => ({
  password: PASSWORD,
  token: owner.token,
  "API key": apiKey,
  "provider's key": PROVIDER_KEY,
  "secret key": SECRET_KEY,
});

describe.each(["password", "token", "API key", "provider's key", "secret key"])("a %s", (name) => {
  test("is not in the log, however much is logged", () => {
    expect(log).toContain('"level"');
    expect(log).not.toContain(secrets()[name]);
  });

  test("is not to be read in a stolen data folder", async () => {
    for (const file of await readdir(dataDir, { recursive: true })) {
      const path = join(dataDir, file);
      if (!(await stat(path)).isFile()) continue;
      expect((await readFile(path)).includes(secrets()[name]!), file).toBe(false);
    }
  });
});

test("what a data folder holds is its owner's alone", async () => {
  const names = (await readdir(dataDir)).filter((name) => !name.startsWith("offstage.lock"));
  expect(names).toContain("offstage.sqlite");
  for (const name of names) expect((await stat(join(dataDir, name))).mode & 0o077, name).toBe(0);
});

test("no address that a question names is asked by the server (SSRF)", async () => {
  let asked = 0;
  const trap = createServer((_, response) => {
    asked += 1;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(trap, "listening");
  const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`;
  const content = [
    { type: "text", text: `What is at ${url}?` },
    { type: "image_url", image_url: { url } },
  ];
  expectOk(await complete(owner, { model: MODEL, messages: [{ role: "user", content }] }));
  const files = [
    { type: "web_search", url },
    { type: "text", url, name: url, collection_name: url },
  ];
  const named = { model: MODEL, messages: [{ role: "user", content: url }], files };
  expect((await complete(owner, named)).status).toBeLessThan(500);
  trap.close();
  expect(asked).toBe(0);
});

test.each([
  { name: "page.html", type: "text/html", content: "<script>alert(1)</script>" },
  {
    name: "drawing.svg",
    type: "image/svg+xml",
    content: "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
  },
  {
    name: "page.xhtml",
    type: "application/xhtml+xml",
    content: "<html xmlns='http://www.w3.org/1999/xhtml'/>",
  },
])(
  "an uploaded $name runs nothing where a browser opens it (stored XSS)",
  async ({ name, type, content }) => {
    const form = new FormData();
    form.set("file", new Blob([content], { type }), name);
    const headers = { authorization: `Bearer ${owner.token}` };
    const uploaded = await fetch(`${server.url}/api/v1/files/`, { method: "POST", headers, body: form });
    if (!uploaded.ok) return expect(uploaded.status).toBeLessThan(500);
    const { id } = (await uploaded.json()) as { id: string };
    const served = await owner.get(`/api/v1/files/${id}/content`);
    expect(served.headers.get("content-security-policy")).toContain("sandbox");
    expect(served.headers.get("x-content-type-options")).toBe("nosniff");
  },
);

test("a message with markup is given as JSON, which no browser takes for a page (stored XSS)", async () => {
  const chat = await askedChat(owner, "<script>alert(1)</script>");
  const reply = await owner.get(`/api/v1/chats/${chat.chatId}`);
  expect(reply.headers.get("content-type")).toContain("application/json");
  expect(reply.headers.get("content-security-policy")).toContain("default-src 'none'");
});
