import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askedChat, complete, completionBody, expectOk, fetchChat } from "../support/chat.ts";
import { type Caller, createCaller, detailOf } from "../support/http.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { type ServeChild, spawnServe } from "../support/serve-child.ts";
import { signUp } from "../support/server.ts";

/** The write-ahead log grows to this and no further. */
const MAX_FILE_KIB = 2_048;
const LARGE = "y".repeat(100_000);

let dataDir: string;
let provider: TestProvider;
let serve: ServeChild;
let owner: Caller;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "offstage-full-"));
  provider = await startProvider();
  serve = await spawnServe(dataDir, provider.url, { OFFSTAGE_LOG: "silent" }, { maxFileKiB: MAX_FILE_KIB });
  owner = await signUp(serve.url, "owner");
});
afterAll(async () => {
  await serve?.kill();
  await provider?.close();
  await rm(dataDir, { recursive: true, force: true });
});

test("a disk that takes no more is told as 507, nothing is half-written, and all is well once it takes more", async () => {
  const kept: string[] = [];
  let refused = await owner.post("/api/v1/chats/new", chatOf(""));
  for (let count = 0; count < 60 && refused.status === 200; count++) {
    kept.push((refused.body as { id: string }).id);
    refused = await owner.post("/api/v1/chats/new", chatOf(LARGE));
  }
  expect(refused.status).toBe(507);
  expect(detailOf(refused)).toMatch(/disk/i);
  const listed = (await owner.get("/api/v1/chats/")).body as { id: string }[];
  expect(listed.map(({ id }) => id).sort()).toEqual([...kept].sort());
  expect((await owner.get("/health")).status).toBe(200);

  await serve.kill();
  serve = await spawnServe(dataDir, provider.url);
  owner = createCaller(serve.url, owner.token);
  for (const id of kept) expectOk(await owner.get(`/api/v1/chats/${id}`));
  const chat = await askedChat(owner);
  expectOk(await complete(owner, completionBody(chat, { stream: false })));
  expect((await fetchChat(owner, chat.chatId)).chat.history.messages[chat.answerId]?.done).toBe(true);
});

const chatOf = (content: string) => ({
  chat: { title: "t", models: ["gpt-4o"], messages: [{ id: "u", role: "user", content }] },
});
