import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  askedChat,
  complete,
  completionBody,
  fetchMessage,
  STALLED,
  stalled,
  trigger,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller } from "../support/http.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { type ServeChild, spawnServe } from "../support/serve-child.ts";
import { signUp } from "../support/server.ts";

let provider: TestProvider;
let dataDir: string;
let server: ServeChild;
let owner: Caller;

beforeAll(async () => {
  provider = await startProvider({ strict: true });
});
afterAll(() => provider?.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "offstage-drain-"));
  server = await spawnServe(dataDir, provider.url, { OFFSTAGE_EMBEDDER: "none" });
  owner = await signUp(server.url, "owner");
});
afterEach(async () => {
  if (server.process.exitCode === null) await server.kill();
  await rm(dataDir, { recursive: true, force: true });
});

const readiness = async () => (await createCaller(server.url, "").get("/ready")).status;

test("a server that is told to end takes no new turn and says so, while reads and the running answer go on", async () => {
  expect(await readiness()).toBe(200);
  const slow = await askedChat(owner, "[[tokens=30]] [[delay=100]]");
  const next = await askedChat(owner);
  await trigger(owner, slow);
  server.process.kill("SIGTERM");
  await eventually("it is not ready", async () => (await readiness()) === 503);
  expect((await createCaller(server.url, "").get("/health")).status).toBe(200);
  const refused = await complete(owner, completionBody(next));
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
  const [code] =
    server.process.exitCode === null ? await once(server.process, "exit") : [server.process.exitCode];
  expect(code).toBe(0);
  server = await spawnServe(dataDir, provider.url, { OFFSTAGE_EMBEDDER: "none" });
  const message = await fetchMessage(createCaller(server.url, owner.token), slow.chatId, slow.answerId);
  expect(message).toMatchObject({ done: true, content: expect.stringMatching(/tok29 ?$/) });
  expect(message).not.toHaveProperty("error");
});

test("a second signal ends it at once; the next start marks what was cut off", async () => {
  const chat = await askedChat(owner, STALLED);
  await trigger(owner, chat);
  await stalled(provider);
  const exited = once(server.process, "exit");
  server.process.kill("SIGTERM");
  await eventually("it is not ready", async () => (await readiness()) === 503);
  const pressing = setInterval(() => server.process.kill("SIGTERM"), 100);
  const [code] = await exited;
  clearInterval(pressing);
  expect(code).toBe(130);
  server = await spawnServe(dataDir, provider.url, { OFFSTAGE_EMBEDDER: "none" });
  const again = createCaller(server.url, owner.token);
  const message = await fetchMessage(again, chat.chatId, chat.answerId);
  expect(message).toMatchObject({ done: true, error: { content: expect.stringMatching(/\w/) } });
});
