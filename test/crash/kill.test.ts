import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AskedChat,
  askedChat,
  branchOf,
  complete,
  completionBody,
  expectOk,
  fetchChat,
  fetchMessage,
  finalMessage,
  listedMessage,
  taskIds,
  trigger,
} from "../support/chat.ts";
import { type ServerDatabase, startEngines } from "../support/engines.ts";
import { eventually } from "../support/eventually.ts";
import { type Caller, createCaller, type Json } from "../support/http.ts";
import { startProvider, type TestProvider } from "../support/provider.ts";
import { type ServeChild, spawnServe } from "../support/serve-child.ts";
import { signUp } from "../support/server.ts";

const ANSWER = "The capital of France is Paris.";
/** A second of tokens, so that the growing text has been kept several times. */
const SLOW = "[[tokens=100]] [[delay=10]]";
const WHOLE = Array.from({ length: 100 }, (_, index) => `tok${index} `).join("");

const { engines, stop } = await startEngines();
afterAll(stop);

let database: ServerDatabase;
let dataDir: string;
let provider: TestProvider;
let serve: ServeChild;
let owner: Caller;

/** Kills the server and starts it again on the same folder; people's tokens hold. */
async function crash(): Promise<void> {
  await serve.kill();
  provider.reset();
  serve = await spawnServe(dataDir, provider.url, database.env);
  owner = createCaller(serve.url, owner.token);
}

const asked = () => provider.requests.some(({ path }) => path === "/chat/completions");
const tokensSent = () => Math.max(0, ...provider.requests.map((request) => request.tokensSent));

/** How far an answer had come when the server was killed, and what must be left of it. */
const POINTS: { when: string; reach: (chat: AskedChat) => Promise<unknown>; leastText: number }[] = [
  { when: "right after the ack", reach: (chat) => trigger(owner, chat), leastText: 0 },
  {
    when: "when the provider had been asked",
    reach: async (chat) => {
      provider.configure({ firstMs: 60_000 });
      await trigger(owner, chat);
      await eventually("the provider was asked", asked);
    },
    leastText: 0,
  },
  ...[1, 2, 3, 5, 8, 13, 21, 34, 55, 70, 80, 90, 95].map((tokens) => ({
    when: `after ${tokens} tokens`,
    reach: async (chat: AskedChat) => {
      await trigger(owner, chat);
      await eventually(`${tokens} tokens were sent`, () => tokensSent() >= tokens);
    },
    leastText: tokens >= 55 ? 1 : 0,
  })),
];

describe.each(engines)("on $name", (engine) => {
  describe.skipIf(!engine.isHere)("", () => {
    beforeAll(async () => {
      database = await engine.createDatabase();
      dataDir = await mkdtemp(join(tmpdir(), "offstage-crash-"));
      provider = await startProvider({ strict: true });
      serve = await spawnServe(dataDir, provider.url, database.env);
      owner = await signUp(serve.url, "owner");
    });
    afterAll(async () => {
      await serve?.kill();
      await provider?.close();
      await rm(dataDir, { recursive: true, force: true });
      await database?.drop();
    });

    describe("a server that is killed in mid-answer", () => {
      test.each(POINTS)("$when", async ({ reach, leastText }) => {
        const chat = await askedChat(owner, SLOW);
        await reach(chat);
        await crash();
        const message = await finalMessage(owner, chat.chatId, chat.answerId);
        expect(message.done).toBe(true);
        expect(message.error.content).toMatch(/\w+ \w+/);
        expect(WHOLE.startsWith(message.content), message.content).toBe(true);
        expect(message.content.length).toBeGreaterThanOrEqual(leastText);
        await expectValid(chat);
        await expectRerun(chat);
      });
    });

    test("how a killed answer was being made is told up to where it was kept", async () => {
      provider.configure({ firstMs: 60_000 });
      const chat = await askedChat(owner, SLOW);
      await trigger(owner, chat);
      await eventually("the provider was asked", asked);
      const sql = `select 1 as one from answer_journal where message_id = '${chat.answerId}'`;
      await eventually("its journal is written", async () => (await database.query(dataDir, sql))[0]);
      await crash();
      const exchanges = `/api/v1/chats/${chat.chatId}/messages/${chat.answerId}/exchanges`;
      const { attempts } = expectOk(await owner.get(exchanges));
      const steps = attempts[0].steps.map(({ step }: Json) => step);
      expect(steps).toEqual([
        "chat_created",
        "placeholder_saved",
        "completion_received",
        "turn_saved",
        "provider_asked",
        "interrupted",
      ]);
      expect(JSON.parse(attempts[0].exchanges[0].request.body).messages[0].content).toBe(SLOW);
    });

    describe("what had been acknowledged when the server was killed is whole", () => {
      test("a new chat", async () => {
        const chat = await askedChat(owner);
        await crash();
        expect((await fetchChat(owner, chat.chatId)).chat.history.messages[chat.userId].content).toBe(
          chat.question,
        );
        await expectRerun(chat);
      });

      test.each(["SSE", "JSON"])("an answer that was given as %s", async (form) => {
        const chat = await askedChat(owner);
        expect((await complete(owner, completionBody(chat, { stream: form === "SSE" }))).status).toBe(200);
        await crash();
        const record = await fetchChat(owner, chat.chatId);
        expect(listedMessage(record, chat.answerId)).toMatchObject({ content: ANSWER, done: true });
        expect(record.chat.history.messages[chat.answerId].error ?? null).toBeNull();
      });

      test("an answer whose title was being made", async () => {
        provider.configure({ task: "slow", slowMs: 60_000 });
        const chat = await askedChat(owner);
        await trigger(owner, chat, { background_tasks: { title_generation: true } });
        await finalMessage(owner, chat.chatId, chat.answerId);
        await crash();
        const message = await finalMessage(owner, chat.chatId, chat.answerId);
        expect(message).toMatchObject({ content: ANSWER, done: true });
        expect(message.error ?? null).toBeNull();
        await expectValid(chat);
      });

      test("the former text of an answer that was being continued", async () => {
        const chat = await askedChat(owner);
        expectOk(await complete(owner, completionBody(chat, { stream: false })));
        provider.reset();
        await trigger(owner, chat, {
          assistant_message_id: chat.answerId,
          messages: [{ role: "user", content: SLOW }],
        });
        await eventually("it goes on", () => tokensSent() > 5);
        await crash();
        const message = await finalMessage(owner, chat.chatId, chat.answerId);
        expect(message.content.startsWith(ANSWER)).toBe(true);
        expect(message.error.content).toMatch(/\w+ \w+/);
      });
    });

    test("a server that is asked to end ends with 0, and leaves no answer unfinished", async () => {
      const chat = await askedChat(owner, SLOW);
      await trigger(owner, chat);
      await eventually("it runs", () => tokensSent() > 5);
      expect(await serve.stop()).toBe(0);
      provider.reset();
      serve = await spawnServe(dataDir, provider.url, database.env);
      owner = createCaller(serve.url, owner.token);
      const message = await fetchMessage(owner, chat.chatId, chat.answerId);
      expect(message.done).toBe(true);
      expect(message.content).toMatch(/^tok0 tok1/);
      await expectValid(chat);
      if (message.content.trim() === WHOLE.trim()) return;
      expect(message.error?.content ?? "no error beside a part of the text").toMatch(
        /restart|interrupt|shut|stop/i,
      );
      await expectRerun(chat);
    });
  });
});

async function expectValid(chat: AskedChat): Promise<void> {
  const record = await fetchChat(owner, chat.chatId);
  expect(branchOf(record, chat.answerId)).toEqual([chat.userId, chat.answerId]);
  expect(record.chat.history.messages[chat.userId].childrenIds).toEqual([chat.answerId]);
  expect(record.chat.currentId).toBe(chat.answerId);
  expect(listedMessage(record, chat.answerId)).toEqual(record.chat.history.messages[chat.answerId]);
  expect(await taskIds(owner, chat.chatId)).toEqual([]);
}

/** The same id asked again gets its answer, and the error is gone. */
async function expectRerun(chat: AskedChat): Promise<void> {
  const messages = [{ role: "user", content: "Hi, what is the capital of France?" }];
  const reply = await complete(owner, completionBody(chat, { messages, stream: false }));
  expect(reply.status, reply.text).toBe(200);
  const message = await finalMessage(owner, chat.chatId, chat.answerId);
  expect(message).toMatchObject({ content: ANSWER, done: true });
  expect(message.error ?? null).toBeNull();
}
