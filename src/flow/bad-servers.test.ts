import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { FakeOpenWebUi } from "../../test/support/fake-open-webui.ts";
import {
  ANSWER,
  askInput,
  closeStages,
  NEWEST,
  OLDEST,
  OURS,
  openStage,
  QUESTION,
  shownBranch,
  versionOf,
} from "../../test/support/flow-stage.ts";
import { never } from "../../test/support/scripted-fetch.ts";
import { createOpenWebUiClient } from "../client/open-webui-client.ts";
import { createOffstage } from "./create-offstage.ts";

const DAY_MS = 86_400_000;
const EXPIRED = { status: 401, detail: "Your session has expired or the token is invalid." };
const VERSIONS = [OLDEST, versionOf("0.7.2"), versionOf("0.10.2"), NEWEST, OURS];

/** Time as it passes: what hangs has to be ended by real timers. */
const CLOCK = {
  nowMs: Date.now,
  sleep: (ms: number, signal?: AbortSignal) => setTimeout(ms, undefined, { signal }),
  during: <Result>(work: Promise<Result>) => work,
  sleeping: () => 0,
};

afterEach(closeStages);

describe.each(VERSIONS)("a clock that is wrong, of $version (offstage: $offstage)", (behaviour) => {
  it.each([
    ["a day ahead", DAY_MS],
    ["a day behind", -DAY_MS],
  ])("by %s does not double a chat whose reply was lost", async (_, skewMs) => {
    const { server, offstage } = openStage(behaviour);
    server.skewMs = skewMs;
    const lose = server.requests.length;
    server.faultAt = (_index, { path }) => (path === "/api/v1/chats/new" ? "lost" : undefined);
    await offstage.client.listChats();
    expect((await offstage.ask(askInput()).answer()).text).toBe(ANSWER);
    expect(server.requests.slice(lose).filter(({ path }) => path === "/api/v1/chats/new")).toHaveLength(1);
    expect(server.chats.size).toBe(1);
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER]);
  });
});

describe.each(VERSIONS)("a token that expires, at $version (offstage: $offstage)", (behaviour) => {
  const credentials = { email: "u@example.org", password: "p" };

  it("is replaced by signing in once, before any call and in mid-wait", async () => {
    const healthy = openStage(behaviour, undefined, undefined, { credentials });
    await healthy.offstage.ask(askInput({ wait: "poll" })).answer();
    expect(healthy.server.signIns).toBe(1);
    for (let expiring = 2; expiring < healthy.server.requests.length; expiring++) {
      const { server, offstage } = openStage(behaviour, undefined, undefined, { credentials });
      server.before = () => {
        if (server.requests.length === expiring) server.validToken = "another";
      };
      expect((await offstage.ask(askInput({ wait: "poll" })).answer()).text).toBe(ANSWER);
      const failed = server.requests[expiring - 1]?.path;
      expect(server.signIns, failed).toBeLessThanOrEqual(2);
      expect(server.completions, failed).toHaveLength(1);
      expect(server.chats.size, failed).toBe(1);
      expect(shownBranch(server), failed).toEqual([QUESTION, ANSWER]);
    }
  });

  it("ends the turn where nobody can sign in again, and leaves a chat that is whole", async () => {
    const { server, offstage } = openStage(behaviour);
    const turn = offstage.ask(askInput({ wait: "poll" }));
    for await (const event of turn) if (event.type === "state" && event.state === "triggered") break;
    server.refusal = EXPIRED;
    await expect(turn.answer()).rejects.toMatchObject({
      code: "unauthorized",
      message: expect.stringContaining("sign in again"),
    });
    expect(turn.state).toBe("blocked");
    expect(shownBranch(server)[0]).toBe(QUESTION);
  });
});

describe("a server that cannot be used", () => {
  it.each([OLDEST, NEWEST])("for a model that the user may not see says so ($version)", async (behaviour) => {
    const { server, offstage } = openStage(behaviour);
    server.hiddenModels.add("gpt-4o");
    const turn = offstage.ask(askInput());
    await expect(turn.answer()).rejects.toMatchObject({
      code: "model_unavailable",
      message: expect.stringContaining("ask an administrator"),
    });
    expect(shownBranch(server)[0]).toBe(QUESTION);
    expect(server.tasks.size).toBe(0);
  });

  it("because it is too old is left as it is", async () => {
    const { server, offstage } = openStage({ ...OLDEST, version: "0.6.14" });
    await expect(offstage.ask(askInput()).answer()).rejects.toMatchObject({ code: "unsupported_version" });
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /api/version"]);
  });

  it("because it never answers holds nobody past the deadline", async () => {
    const fetch: typeof globalThis.fetch = (_url, init) => never(init!.signal!);
    const offstage = createOffstage({ baseUrl: "http://open-webui.test", token: "t", fetch });
    const turn = offstage.ask(askInput({ timeoutMs: 20 }));
    await expect(turn.answer()).rejects.toMatchObject({ code: "timed_out" });
    await offstage.close();
  });

  it.each([OLDEST, NEWEST])(
    "because it falls silent at any call ends the turn ($version)",
    async (behaviour) => {
      const firstCalls = Array.from({ length: 10 }, (_, index) => index);
      await Promise.all(
        firstCalls.map(async (silentFrom) => {
          const server = new FakeOpenWebUi(behaviour, CLOCK);
          server.answer = () => ({ words: Array.from({ length: 50 }, () => "word ") });
          const fetch: typeof globalThis.fetch = (url, init) =>
            server.requests.length < silentFrom ? server.fetch(url, init) : never(init!.signal!);
          const limits = { timeoutMs: 50, completionTimeoutMs: 50, retry: { retries: 0 } };
          const client = createOpenWebUiClient({ ...limits, baseUrl: server.baseUrl, token: "t", fetch });
          const offstage = createOffstage({ client });
          const turn = offstage.ask(askInput({ wait: "poll", timeoutMs: 300, pollFirstMs: 5 }));
          await expect(turn.answer(), String(silentFrom)).rejects.toMatchObject({ code: "timed_out" });
          await offstage.close();
          if (server.chats.size > 0) expect(shownBranch(server)[0]).toBe(QUESTION);
        }),
      );
    },
  );

  it("is used all the same when nobody tried its version", async () => {
    for (const version of ["0.13.0", "0.0.0", "main"]) {
      const { server, offstage } = openStage({ ...NEWEST, version });
      const answer = await offstage.ask(askInput()).answer();
      expect(answer).toMatchObject({ text: ANSWER, server: { version, path: "server-turns" } });
      expect(shownBranch(server)).toEqual([QUESTION, ANSWER]);
    }
  });
});
