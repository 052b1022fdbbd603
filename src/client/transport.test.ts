import { describe, expect, it } from "vitest";
import { recordedResponse } from "../../test/support/recordings.ts";
import { clientOf, models, refused, restlessClock } from "../../test/support/scripted-client.ts";
import { type FetchScript, never } from "../../test/support/scripted-fetch.ts";
import { createOpenWebUiClient } from "./open-webui-client.ts";

describe("a request", () => {
  it("carries the token, the user agent, and JSON under the base URL's path", async () => {
    const { client, seen } = clientOf(() => recordedResponse("0.6.15/10_step1_new"), {
      baseUrl: "http://owui.test/ai/",
      userAgent: "tests/1",
    });
    await client.createChat({ title: "t" });
    expect(seen).toMatchObject([
      { method: "POST", path: "/ai/api/v1/chats/new", body: { chat: { title: "t" } } },
    ]);
    expect(Object.fromEntries(seen[0]!.headers)).toEqual({
      accept: "application/json",
      authorization: "Bearer jwt",
      "content-type": "application/json",
      "user-agent": "tests/1",
    });
  });

  it("for what anybody may know carries no token", async () => {
    const { client, seen } = clientOf(() => Response.json({ version: "0.6.15" }));
    expect(await client.version()).toEqual({ version: "0.6.15", offstage: null });
    expect(seen[0]!.headers.has("authorization")).toBe(false);
  });

  it("names its run, and which attempt of it this is", async () => {
    const { client, seen } = clientOf(() => (seen.length < 3 ? refused(503, "x") : models()));
    await client.listModels({ run: { id: "r", attempt: 4 } });
    const marks = seen.map(({ headers }) => [
      headers.get("x-offstage-run"),
      headers.get("x-offstage-attempt"),
    ]);
    expect(marks).toEqual([
      ["r", "4"],
      ["r", "5"],
      ["r", "6"],
    ]);
  });

  it.each(["..", ".", ""])("is not sent for the id %j, which would climb out of its path", async (id) => {
    const { client, seen } = clientOf(models);
    await expect(client.getChat(id)).rejects.toMatchObject({ code: "bad_input" });
    expect(seen).toEqual([]);
  });

  it("keeps any other id inside its path", async () => {
    const { client, seen } = clientOf(() => recordedResponse("0.6.15/10_step1_new"));
    await client.getChat("a/../b?c#d");
    expect(seen[0]!.path).toBe("/api/v1/chats/a%2F..%2Fb%3Fc%23d");
  });
});

describe("a client is not made", () => {
  it.each(["", "owui.test", "ftp://owui.test", "http://owui.test/?a=1", "http://user:secret@owui.test"])(
    "for the base URL %j",
    (baseUrl) => {
      expect(() => createOpenWebUiClient({ baseUrl })).toThrow(
        expect.objectContaining({ code: "bad_input" }),
      );
    },
  );

  it("for a token that no header can carry, which is not repeated", () => {
    const make = () => createOpenWebUiClient({ baseUrl: "http://owui.test", token: "sec ret\n" });
    expect(make).toThrow(expect.objectContaining({ code: "bad_input" }));
    expect(make).not.toThrow("sec ret");
  });
});

describe("an answer that is not Open WebUI's", () => {
  it.each([
    ["a page", () => recordedResponse("0.6.15/63_noslash"), "not_open_webui"],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { location: "https://sso.test/" } }),
      "not_open_webui",
    ],
    [
      "broken JSON",
      () => new Response("{", { headers: { "content-type": "application/json" } }),
      "not_open_webui",
    ],
    ["JSON of another shape", () => Response.json({ hello: "world" }), "not_open_webui"],
    ["a proxy's 404 page", () => new Response("<html>", { status: 404 }), "not_open_webui"],
    ["another API's 404", () => Response.json({ error: "no such route" }, { status: 404 }), "not_open_webui"],
  ])("%s is a typed error", async (_name, answer, code) => {
    const { client } = clientOf(answer);
    await expect(client.listModels()).rejects.toMatchObject({ code });
  });

  it("a proxy's 502 page is the server's failure, after every retry", async () => {
    const { client, seen } = clientOf(() => new Response("<html>", { status: 502 }), {
      retry: { retries: 2 },
    });
    await expect(client.listModels()).rejects.toMatchObject({ code: "server_failed", status: 502 });
    expect(seen).toHaveLength(3);
  });
});

describe("a failed attempt", () => {
  const failsOnce = (first: () => Response, then: () => Response): FetchScript => {
    let calls = 0;
    return () => (calls++ === 0 ? first() : then());
  };
  const chat = () => recordedResponse("0.6.15/10_step1_new");

  it("of reading is made again", async () => {
    const { client, seen } = clientOf(failsOnce(() => refused(500, "x"), models));
    expect(await client.listModels()).toEqual([{ id: "m", name: "m" }]);
    expect(seen).toHaveLength(2);
  });

  it("of a changing call is made again only where the caller allows it", async () => {
    const once = clientOf(failsOnce(() => refused(503, "x"), chat));
    await expect(once.client.updateChat("c", {})).rejects.toMatchObject({ code: "server_failed" });
    expect(once.seen).toHaveLength(1);
    const again = clientOf(failsOnce(() => refused(503, "x"), chat));
    await again.client.updateChat("c", {}, { repeatable: true });
    expect(again.seen).toHaveLength(2);
  });

  it("of making a chat or a completion is never made again", async () => {
    const { client, seen } = clientOf(() => refused(503, "x"));
    await expect(client.createChat({})).rejects.toMatchObject({ code: "server_failed" });
    await expect(client.startCompletion({ model: "m" })).rejects.toMatchObject({ code: "server_failed" });
    expect(seen).toHaveLength(2);
  });

  it("without any answer says what the network said", async () => {
    const { client } = clientOf(
      () => {
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
        });
      },
      { retry: { retries: 1 } },
    );
    await expect(client.listModels()).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("(ECONNREFUSED): refused"),
    });
  });

  it("that takes too long is ended, and made again", async () => {
    const { client, seen } = clientOf((_request, signal) => (seen.length === 1 ? never(signal) : models()), {
      timeoutMs: 5,
    });
    expect(await client.listModels()).toHaveLength(1);
    expect(seen).toHaveLength(2);
  });

  it("whose body stops coming is ended too", async () => {
    const { client } = clientOf(
      (_request, signal) => {
        const body = new ReadableStream({
          start: (stream) => signal.addEventListener("abort", () => stream.error(signal.reason)),
        });
        return new Response(body, { headers: { "content-type": "application/json" } });
      },
      { timeoutMs: 5, retry: { retries: 0 } },
    );
    await expect(client.listModels()).rejects.toMatchObject({ code: "timed_out" });
  });
});

it("no time-out at all may be asked for", async () => {
  const { client } = clientOf(models, { timeoutMs: Number.POSITIVE_INFINITY });
  expect(await client.listModels({ deadlineAtMs: Number.MAX_SAFE_INTEGER })).toHaveLength(1);
});

describe("a call with a deadline", () => {
  it("that is over sends nothing", async () => {
    const { client, seen } = clientOf(models, { clock: restlessClock(100) });
    await expect(client.listModels({ deadlineAtMs: 100 })).rejects.toMatchObject({ code: "timed_out" });
    expect(seen).toEqual([]);
  });

  it("ends its running attempt there", async () => {
    const { client, seen } = clientOf((_request, signal) => never(signal));
    await expect(client.listModels({ deadlineAtMs: 5 })).rejects.toMatchObject({ code: "timed_out" });
    expect(seen.length).toBeLessThanOrEqual(2);
  });
});

describe("a caller that gives up", () => {
  it("before the call sends nothing", async () => {
    const { client, seen } = clientOf(models);
    await expect(client.listModels({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(seen).toEqual([]);
  });

  it("during an attempt ends it", async () => {
    const caller = new AbortController();
    const { client } = clientOf((_request, signal) => {
      queueMicrotask(() => caller.abort());
      return never(signal);
    });
    await expect(client.listModels({ signal: caller.signal })).rejects.toMatchObject({ code: "cancelled" });
  });

  it("during a pause ends that too", async () => {
    const caller = new AbortController();
    const { client, seen } = clientOf(() => refused(500, "x"), {
      clock: {
        nowMs: () => 0,
        sleep: async (_ms, signal) => {
          caller.abort();
          signal?.throwIfAborted();
        },
      },
    });
    await expect(client.listModels({ signal: caller.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(seen).toHaveLength(1);
  });
});
