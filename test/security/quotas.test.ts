import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServerOptions, startServer } from "../../src/server/index.ts";
import {
  askedChat,
  complete,
  completionBody,
  expectOk,
  finalMessage,
  MODEL,
  noTasks,
  STALLED,
  stalled,
  stopChat,
  trigger,
} from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, detailOf, type Reply } from "../support/http.ts";
import { startProvider } from "../support/provider.ts";
import type { StageOptions } from "../support/server.ts";
import { account, openStage, type Stage, signUp } from "../support/server.ts";

type Guard = NonNullable<NonNullable<StageOptions["server"]>["guard"]>;

async function withStage(guard: Guard, work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage({ server: { guard } });
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
}

function expectRefused(reply: Reply, limit: RegExp): void {
  expect(reply.status).toBe(429);
  expect(detailOf(reply)).toMatch(limit);
  expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
}

const ask = (caller: Caller, content = "Hi", more = {}) =>
  caller.post("/api/chat/completions", { model: MODEL, messages: [{ role: "user", content }], ...more });

const quotasPath = async (caller: Caller) =>
  `/api/offstage/users/${expectOk(await caller.get("/api/v1/auths/")).id}/quotas`;

describe("requests a minute", () => {
  test("of a user, whatever they ask with, are counted down in headers and then refused", () =>
    withStage({ userQuota: { requests_per_minute: 5 } }, async (stage) => {
      const ann = await stage.addUser("ann");
      const first = await ann.get("/api/v1/chats/");
      expect(first.headers.get("ratelimit-policy")).toBe('"user";q=5;w=60');
      expect(first.headers.get("ratelimit")).toMatch(/^"user";r=4;t=\d+$/);
      const { api_key } = expectOk(await ann.post("/api/v1/auths/api_key"));
      const byKey = createCaller(stage.url, api_key);
      for (let count = 0; count < 3; count++) expectOk(await byKey.get("/api/v1/chats/"));
      expectRefused(await byKey.get("/api/v1/chats/"), /5 requests a minute/);
      expectRefused(await ann.get("/api/v1/chats/"), /5 requests a minute/);
      expectOk(await (await stage.addUser("bob")).get("/api/v1/chats/"));
    }));

  test("of an address are those without a valid credential; what watches the server is left alone", () =>
    withStage({ addressRequestsPerMinute: 6 }, async (stage) => {
      const anonymous = createCaller(stage.url, "");
      const stranger = createCaller(stage.url, "sk-wrong");
      await eventually(
        "anonymous requests are refused",
        async () => (await anonymous.get("/api/config")).status === 429,
      );
      expectRefused(await stranger.get("/api/v1/chats/"), /6 requests a minute/);
      expectOk(await anonymous.get("/health"));
      expectOk(await anonymous.get("/ready"));
      expectOk(await stage.owner.get("/api/v1/chats/"));
    }));
});

test("an address is held to its number on whatever it asks for: accounts, pages, and what is not there", () =>
  withStage({ addressRequestsPerMinute: 3 }, async (stage) => {
    const stranger = createCaller(stage.url, "sk-wrong");
    const paths = ["/api/v1/auths/", "/openapi.json", "/", "/nowhere", "/api/v1/auths/"];
    // Some of the three went on the sign-up of the stage.
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await stranger.get(path)).status);
    expect(statuses.slice(-3)).toEqual([429, 429, 429]);
  }));

describe("with what is given to all", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      server: { guard: { keyQuota: { answers_per_day: 1 } }, limits: { maxStreamsPerUser: 1 } },
    });
  });
  afterAll(() => stage?.close());

  test("an API key's budget leaves its user's own answers alone", async () => {
    const ann = await stage.addUser("ann");
    const { api_key } = expectOk(await ann.post("/api/v1/auths/api_key"));
    const byKey = createCaller(stage.url, api_key);
    expectOk(await ask(byKey));
    expectRefused(await ask(byKey), /This API key may have 1 answers a day/);
    expectOk(await ask(ann));
  });

  test("streamed answers that a user reads at once are limited, until one ends", async () => {
    const bob = await stage.addUser("bob");
    const hangUp = new AbortController();
    const body = { model: MODEL, stream: true, messages: [{ role: "user", content: STALLED }] };
    await bob.open("POST", "/api/chat/completions", { body, signal: hangUp.signal });
    expectRefused(await ask(bob, "Hi", { stream: true }), /1 streamed answers at once/);
    expectOk(await ask(bob));
    hangUp.abort();
    await eventually(
      "the stream is let go",
      async () => (await ask(bob, "Hi", { stream: true })).status === 200,
    );
  });
});

describe("an administrator", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  test("limits one user's answers at once: saved ones, stateless ones, and several of a request", async () => {
    const ann = await stage.addUser("ann");
    const path = await quotasPath(ann);
    const state = expectOk(await stage.owner.post(path, { quota: { answers_at_once: 1 } }));
    expect(state).toEqual([
      { holder: "user", quota: { answers_at_once: 1 }, today: { answers: 0, tokens: 0 } },
    ]);
    const running = await askedChat(ann, STALLED);
    await trigger(ann, running);
    await stalled(stage.provider);
    const other = await askedChat(ann);
    expectRefused(await complete(ann, completionBody(other)), /1 answers in the making at once/);
    expectRefused(await ask(ann), /1 answers in the making at once/);
    // The same request again joins what runs, and takes no more.
    await stopChat(ann, running.chatId);
    await noTasks(ann, running.chatId);
    expectOk(await ask(ann));
    const message_ids = { a: randomUUID(), b: randomUUID() };
    const two = { ...completionBody(other), id: undefined, message_ids };
    expectRefused(await complete(ann, two), /at once/);
    expectOk(await stage.owner.post(path, { quota: null }));
    expectOk(await complete(ann, completionBody(other)));
  });

  test("limits one user's answers and tokens a day, as the provider counts them, with those of titles", async () => {
    const bob = await stage.addUser("bob");
    const path = await quotasPath(bob);
    expectOk(await stage.owner.post(path, { quota: { tokens_per_day: 30, answers_per_day: 3 } }));
    const chat = await askedChat(bob, "[[tokens=10]]");
    await complete(bob, completionBody(chat, { background_tasks: { title_generation: true } }));
    const message = await finalMessage(bob, chat.chatId, chat.answerId);
    await noTasks(bob, chat.chatId);
    const [{ today }] = expectOk(await bob.get("/api/offstage/quotas"));
    expect(today.answers).toBe(1);
    expect(today.tokens).toBeGreaterThan(message.usage.total_tokens);
    expectRefused(await ask(bob), /30 tokens a day/);
    expectOk(await stage.owner.post(path, { quota: { answers_per_day: 2 } }));
    const streamed = await ask(bob, "[[tokens=10]]", { stream: true });
    expect(streamed.chunks.at(-1)).toBe("[DONE]");
    expectRefused(await ask(bob), /2 answers a day, of which 2 are used/);
  });

  test("counts tokens of streams that did not ask for a count, without showing it to them", async () => {
    const cid = await stage.addUser("cid");
    expectOk(await stage.owner.post(await quotasPath(cid), { quota: { tokens_per_day: 1_000_000 } }));
    const reply = await ask(cid, "[[tokens=10]]", { stream: true });
    expect(reply.chunks.filter((chunk) => chunk.usage)).toEqual([]);
    const [{ today }] = expectOk(await cid.get("/api/offstage/quotas"));
    expect(today).toMatchObject({ answers: 1, tokens: expect.any(Number) });
    expect(today.tokens).toBeGreaterThanOrEqual(10);
  });

  const embed = (caller: Caller) => caller.post("/api/embeddings", { model: MODEL, input: "twelve chars" });
  const makeTags = (caller: Caller) =>
    caller.post("/api/v1/tasks/tags/completions", {
      model: MODEL,
      messages: [{ role: "user", content: "Hi" }],
    });
  const askTemporary = (caller: Caller) =>
    complete(caller, {
      model: MODEL,
      stream: true,
      chat_id: "temporary:none",
      id: randomUUID(),
      messages: [{ role: "user", content: "Hi" }],
    });
  test.each([
    ["temporary-chats", askTemporary],
    ["tasks", makeTags],
    ["embeddings", embed],
  ])("limits what a user takes by %s, too", async (name, take) => {
    const user = await stage.addUser(name);
    const path = await quotasPath(user);
    expectOk(await stage.owner.post(path, { quota: { answers_per_day: 1 } }));
    expectOk(await take(user));
    await eventually("what it took is counted", async () => {
      const [{ today }] = expectOk(await user.get("/api/offstage/quotas"));
      return today.answers === 1 && today.tokens > 0;
    });
    expectRefused(await take(user), /1 answers a day, of which 1 are used/);
    expectOk(await stage.owner.post(path, { quota: { answers_at_once: 1 } }));
    for (let count = 0; count < 2; count++) expectOk(await take(user));
  });

  test("sees the quota of a key, and what it used, go with the key", async () => {
    const dora = await stage.addUser("dora");
    const path = await quotasPath(dora);
    const ROUTE = "/api/v1/auths/api_key";
    const byKey = createCaller(stage.url, expectOk(await dora.post(ROUTE)).api_key);
    const [, { holder }] = expectOk(await stage.owner.get(path));
    expectOk(await stage.owner.post(path, { holder, quota: { answers_per_day: 5 } }));
    expectOk(await ask(byKey));
    expectOk(await dora.call("DELETE", ROUTE));
    const database = stage.databaseUrl ? null : new DatabaseSync(join(stage.dataDir, "offstage.sqlite"));
    for (const table of ["quota", "day_usage"])
      expect(database?.prepare(`select * from ${table} where holder = ?`).all(holder) ?? []).toEqual([]);
    database?.close();
    expect(expectOk(await stage.owner.get(path))).toHaveLength(1);
  });

  test.each([
    { quota: { answers_at_once: -1 } },
    { quota: { answers_at_once: "many" } },
    { quota: { nonsense: 1 } },
    {},
  ])("is told what is no quota: %j", async (body) => {
    expect((await stage.owner.post(await quotasPath(stage.owner), body)).status).toBe(422);
  });

  test("is the only one who may change or read those of others", async () => {
    const eve = await stage.addUser("eve");
    const path = await quotasPath(stage.owner);
    expect((await eve.get(path)).status).toBe(403);
    expect((await eve.post(path, { quota: null })).status).toBe(403);
    expect((await stage.owner.post(path, { holder: "no-such-key", quota: null })).status).toBe(404);
    expect((await stage.owner.get("/api/offstage/users/nobody/quotas")).status).toBe(404);
  });
});

test("what was used is known again after a restart", async () => {
  const provider = await startProvider({ strict: true });
  const dataDir = await mkdtemp(join(tmpdir(), "offstage-restart-"));
  const options: ServerOptions = {
    dataDir,
    port: 0,
    local: false,
    log: "silent",
    openai: [{ baseUrl: provider.url, apiKey: "provider-key" }],
    embedder: { kind: "none" },
    guard: { userQuota: { answers_per_day: 1 } },
  };
  try {
    const first = await startServer(options);
    const { token } = await signUp(first.url, "owner");
    expectOk(await ask(createCaller(first.url, token)));
    await first.close();
    const second = await startServer(options);
    expectRefused(await ask(createCaller(second.url, token)), /1 answers a day/);
    await second.close();
  } finally {
    await provider.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

describe("passwords tried at once from one address", () => {
  const MAX_FAILURES = 2;
  let stage: Stage;
  let anonymous: Caller;

  beforeAll(async () => {
    stage = await openStage({ server: { limits: { maxFailedSignIns: MAX_FAILURES } } });
    anonymous = createCaller(stage.url, "");
  });
  afterAll(() => stage?.close());

  const statusesOf = async (emails: readonly string[]) => {
    const { password } = account("nobody");
    const attempts = emails.map((email) => anonymous.post("/api/v1/auths/signin", { email, password }));
    return (await Promise.all(attempts)).map(({ status }) => status).sort();
  };

  test("on one account are refused beyond the limit", async () => {
    expect(await statusesOf(Array(6).fill("nobody@example.org"))).toEqual([400, 400, 429, 429, 429, 429]);
  });

  test("on many accounts are refused beyond ten times the limit", async () => {
    const emails = Array.from({ length: 10 * MAX_FAILURES }, (_, index) => `user${index}@example.org`);
    const left = 9 * MAX_FAILURES;
    expect(await statusesOf(emails)).toEqual([...Array(left).fill(400), 429, 429]);
    expectRefused(await anonymous.post("/api/v1/auths/signin", account("fresh")), /failed sign-ins/);
  });
});
