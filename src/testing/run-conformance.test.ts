import { expect, test } from "vitest";
import type { ConformanceCase, Probe } from "./conformance-case.ts";
import { type ConformanceOptions, runConformance } from "./run-conformance.ts";

/** A server that makes and deletes chats, and knows one model. */
function fakeServer({ refusesToDelete = false } = {}) {
  const chats = new Set<string>();
  const answer = (status: number, body: unknown) => Response.json(body, { status });
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    init.signal?.throwIfAborted();
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const call = `${init.method} ${pathname}`;
    if (call === "GET /api/version") return answer(200, { version: "9.9.9" });
    if (call === "GET /api/v1/auths/") {
      return answer(200, { id: "u", email: "u@example.org", name: "u", role: "user", token: "t" });
    }
    if (call === "GET /api/models") return answer(200, { data: [{ id: "small", name: "Small" }] });
    if (call === "POST /api/v1/chats/new") {
      const id = `chat-${chats.size}`;
      chats.add(id);
      return answer(200, { id });
    }
    if (init.method === "DELETE" && !refusesToDelete) {
      return answer(200, chats.delete(pathname.split("/").at(-1) ?? ""));
    }
    return answer(404, { detail: "Not Found" });
  };
  return { chats, fetch };
}

const caseOf = (
  name: string,
  run: (probe: Probe) => ReturnType<ConformanceCase["run"]>,
): ConformanceCase => ({
  name,
  capability: `capability of ${name}`,
  question: `${name}?`,
  run,
});

const good = caseOf("good", async () => ({ value: true, evidence: "seen" }));
const skipping = caseOf("skipping", async () => ({ skipped: "nobody can tell" }));
const failing = caseOf("failing", async (probe) => {
  await probe.createChat("Will it be deleted?");
  throw new TypeError("no such thing");
});
const endless = caseOf("endless", async (probe) => {
  await probe.createChat("Will it be deleted?");
  return new Promise(() => {});
});

function run(
  server: ReturnType<typeof fakeServer>,
  cases: readonly ConformanceCase[],
  more: Partial<ConformanceOptions> = {},
) {
  const { fetch } = server;
  return runConformance(
    { baseUrl: "http://server.example", token: "t", model: "small", fetch, ...more },
    cases,
  );
}

test("a case that throws has failed, and the next ones are asked all the same", async () => {
  const server = fakeServer();
  const report = await run(server, [failing, skipping, good]);
  expect(report.cases).toMatchObject([
    { name: "failing", outcome: "failed", error: { code: "internal", message: "no such thing" } },
    { name: "skipping", outcome: "skipped", reason: "nobody can tell" },
    { name: "good", capability: "capability of good", outcome: "answered", value: true, evidence: "seen" },
  ]);
  expect(report).toMatchObject({ version: "9.9.9", answered: 1, skipped: 1, failed: 1, left: [] });
  expect(server.chats.size).toBe(0);
});

test("a case that never ends fails at its time-out, and its chat is deleted", async () => {
  const server = fakeServer();
  const report = await run(server, [endless, good], { timeoutMs: 20 });
  expect(report.cases).toMatchObject([
    { outcome: "failed", error: { code: "timed_out" } },
    { outcome: "answered" },
  ]);
  expect(server.chats.size).toBe(0);
});

test("a case that is over asks nothing more of the server", async () => {
  let late: Promise<unknown> = Promise.resolve();
  const lingering = caseOf("lingering", (probe) => {
    const wait = new Promise<void>((resolve) => probe.signal.addEventListener("abort", () => resolve()));
    late = wait.then(() => probe.call("GET", "/api/version"));
    return new Promise(() => {});
  });
  await run(fakeServer(), [lingering], { timeoutMs: 20 });
  await expect(late).rejects.toMatchObject({ code: "timed_out" });
});

test("a connection that breaks fails its case with what was asked", async () => {
  const server = fakeServer();
  const breaking = {
    ...server,
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      if (String(input).endsWith("/broken")) {
        throw new TypeError("fetch failed", { cause: new Error("socket hang up") });
      }
      return server.fetch(input, init);
    },
  };
  const calling = caseOf("calling", async (probe) => {
    const { status } = await probe.call("GET", "/broken");
    return { value: status, evidence: "" };
  });
  const report = await run(breaking, [calling]);
  const message = "GET /broken got no whole answer: socket hang up.";
  expect(report.cases).toMatchObject([{ error: { code: "unreachable", message } }]);
});

test("a chat that cannot be deleted is named in the report", async () => {
  const report = await run(fakeServer({ refusesToDelete: true }), [failing]);
  expect(report.left).toEqual([{ chatId: "chat-0", error: expect.stringContaining("Not Found") }]);
});

test("a cancelled run deletes its chats and rejects", async () => {
  const server = fakeServer();
  const cancelling = new AbortController();
  const interrupted = caseOf("interrupted", async (probe) => {
    await probe.createChat("Will it be deleted?");
    cancelling.abort();
    return new Promise(() => {});
  });
  const running = run(server, [interrupted, good], { signal: cancelling.signal });
  await expect(running).rejects.toMatchObject({ code: "cancelled", details: { left: [] } });
  expect(server.chats.size).toBe(0);
});

test("cases share what one of them made", async () => {
  let made = 0;
  const sharing = (name: string) =>
    caseOf(name, async (probe) => {
      const value = await probe.once("key", async () => {
        made += 1;
        return made;
      });
      return { value, evidence: "" };
    });
  const report = await run(fakeServer(), [sharing("one"), sharing("two")]);
  expect(report.cases).toMatchObject([{ value: 1 }, { value: 1 }]);
});

test("only the cases that are named, by themselves or by their capability, are asked", async () => {
  const report = await run(fakeServer(), [good, skipping, failing], {
    only: ["good", "capability of skipping"],
  });
  expect(report.cases.map(({ name }) => name)).toEqual(["good", "skipping"]);
});

test.each([
  { what: "a case that there is not", more: { only: ["goood"] }, says: /"goood".*good/ },
  { what: "a model that the server does not show", more: { model: "large" }, says: /"large".*small/ },
])("$what is refused, saying what there is", async ({ more, says }) => {
  const running = run(fakeServer(), [good], more);
  await expect(running).rejects.toMatchObject({ code: "bad_input", message: expect.stringMatching(says) });
});
