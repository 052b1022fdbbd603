import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../../../test/support/collect.ts";
import { type ProviderOptions, startProvider, type TestProvider } from "../../../test/support/provider.ts";
import { createOpenAiProvider, type OpenAiProviderOptions } from "./openai-compatible.ts";
import type { Provider, ProviderEvent, ProviderResponse } from "./provider.ts";

let upstream: TestProvider;
let providers: Provider[];
const never = new AbortController().signal;

beforeEach(async () => {
  upstream = await startProvider();
  providers = [];
});

afterEach(async () => {
  await Promise.all(providers.map((provider) => provider.close()));
  await upstream.close();
  await Promise.all(upstream.requests.map((request) => request.closed));
  expect(upstream.open.now).toBe(0);
});

function connect(options: Partial<OpenAiProviderOptions> = {}): Provider {
  const provider = createOpenAiProvider({ name: "upstream", baseUrl: upstream.url, ...options });
  providers.push(provider);
  return provider;
}

function ask(
  content: string,
  {
    provider = connect(),
    stream = true,
    signal = never,
    ...fields
  }: Record<string, unknown> & {
    provider?: Provider;
    stream?: boolean;
    signal?: AbortSignal;
  } = {},
): Promise<ProviderResponse> {
  const messages = [{ role: "user", content }];
  return provider.complete({ model: "gpt-4o", messages, stream, ...fields }, signal);
}

/** The events until the end or the break of the answer. */
async function read(response: ProviderResponse): Promise<{ events: ProviderEvent[]; error?: unknown }> {
  if (response.kind !== "events") throw new Error(`no events but ${JSON.stringify(response)}`);
  const events: ProviderEvent[] = [];
  try {
    for await (const some of response.events) events.push(...some);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

function textOf(events: ProviderEvent[]): string {
  return events.map((event) => event.chunk?.choices?.[0]?.delta?.content ?? "").join("");
}

describe("an answer", () => {
  it("arrives as events that keep their data and say what it holds, [DONE] last", async () => {
    const { events, error } = await read(await ask("Hi, what is the capital of France?"));
    expect(error).toBeUndefined();
    expect(textOf(events)).toBe("The capital of France is Paris.");
    expect(events.at(-1)).toEqual({ data: "[DONE]", chunk: null });
    for (const { data, chunk } of events.slice(0, -1)) expect(JSON.parse(data)).toEqual(chunk);
  });

  it("carries reasoning, tool calls and usage", async () => {
    const request = { stream_options: { include_usage: true } };
    const { events } = await read(await ask("[[reason=2]] [[tool]]", request));
    const deltas = events.map((event) => event.chunk?.choices?.[0]?.delta);
    expect(deltas.map((delta) => delta?.reasoning_content ?? "").join("")).toBe("thought0 thought1 ");
    expect(deltas.flatMap((delta) => delta?.tool_calls ?? [])).toHaveLength(3);
    expect(events.at(-2)?.chunk?.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("is one JSON body for stream: false", async () => {
    const response = await ask("Hi, what is the capital of France?", { stream: false });
    expect(response).toMatchObject({
      status: 200,
      kind: "json",
      body: { choices: [{ message: { content: "The capital of France is Paris." } }] },
    });
  });

  it("that is JSON although a stream was asked for becomes events", async () => {
    const { events } = await read(await ask("[[nostream]] [[tool]]"));
    expect(events).toHaveLength(3);
    expect(events[0]?.chunk?.choices?.[0]).toMatchObject({
      delta: { role: "assistant", tool_calls: [{ index: 0, id: "call_test" }] },
      finish_reason: "tool_calls",
    });
    expect(events[1]?.chunk?.usage?.total_tokens).toBeGreaterThan(0);
    expect(events[2]?.data).toBe("[DONE]");
  });

  it("of 4,000 tokens arrives whole, many events to a read", async () => {
    const response = await ask("[[tokens=4000]]");
    if (response.kind !== "events") throw new Error("no events");
    const reads = await collect(response.events);
    expect(textOf(reads.flat()).split(" ")).toHaveLength(4001);
    expect(reads.length).toBeLessThan(400);
  });

  it("that is left before its end closes its connection", async () => {
    const response = await ask("[[tokens=1000]] [[delay=1]]");
    if (response.kind !== "events") throw new Error("no events");
    for await (const _ of response.events) break;
    await upstream.requests[0]!.closed;
    expect(upstream.requests[0]!.clientClosed).toBe(true);
  });

  it("uses the connections of those before", async () => {
    const provider = connect();
    const ports = new Set<number>();
    for (let round = 0; round < 8; round++) await read(await ask("[[tokens=3000]]", { provider }));
    for (const request of upstream.requests) ports.add(request.clientPort);
    // The next answer may begin before the last connection has seen its end.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe("a request", () => {
  it("carries exactly the fields given, and the key as Bearer token", async () => {
    upstream.configure({ apiKey: "sk-right", strict: true });
    await read(await ask("Hi", { provider: connect({ apiKey: "sk-right" }), temperature: 0.5 }));
    expect(upstream.requests[0]!.body).toEqual({
      model: "gpt-4o",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      temperature: 0.5,
    });
  });

  it("has no Authorization without a key", async () => {
    await read(await ask("Hi"));
    expect(upstream.requests[0]!.headers.authorization).toBeUndefined();
  });

  it("keeps the path and the query of the base URL", async () => {
    const provider = connect({ baseUrl: `${upstream.url}/?api-version=1` });
    await read(await ask("Hi", { provider }));
    expect(upstream.requests[0]!.path).toBe("/chat/completions?api-version=1");
  });

  it("does not wait for others", async () => {
    const provider = connect();
    const stop = new AbortController();
    const others = Array.from({ length: 20 }, () => ask("[[hang]]", { provider, signal: stop.signal }));
    await read(await ask("Hi", { provider }));
    stop.abort();
    for (const other of others) await expect(other).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a failure", () => {
  it.each([400, 401, 404, 429, 500, 503])("with status %i is passed on with its body", async (status) => {
    for (const stream of [true, false]) {
      expect(await ask(`[[status=${status}]]`, { stream })).toMatchObject({
        status,
        kind: "json",
        body: { error: { message: `mock failure ${status}` } },
      });
    }
  });

  it.each([true, false])("is typed where a 200 holds no JSON (stream: %s)", async (stream) => {
    const failing = ask("[[badjson]]", { stream });
    await expect(failing).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("{not json"),
    });
  });

  it("in mid-stream says after how many events the connection was lost", async () => {
    const { events, error } = await read(await ask("[[tokens=9]] [[abort=5]]"));
    expect(textOf(events)).toBe("tok0 tok1 tok2 tok3 tok4 ");
    expect(error).toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("lost after 6 events"),
    });
  });

  it("told by an error chunk comes as its event", async () => {
    const { events, error } = await read(await ask("[[tokens=9]] [[sseerror=2]]"));
    expect(error).toBeUndefined();
    expect(events.at(-2)?.chunk?.error).toMatchObject({ code: "overloaded" });
  });

  it("to send [DONE] shows in the events", async () => {
    const { events, error } = await read(await ask("[[tokens=9]] [[nodone=5]]"));
    expect(error).toBeUndefined();
    expect(events.at(-1)?.data).not.toBe("[DONE]");
  });

  it("to answer ends after the idle time-out", async () => {
    const provider = connect({ idleTimeoutMs: 100 });
    await expect(ask("[[hang]]", { provider })).rejects.toMatchObject({ code: "timed_out" });
    await upstream.requests[0]!.closed;
  });

  it("to go on ends after the idle time-out", async () => {
    const provider = connect({ idleTimeoutMs: 100 });
    const { events, error } = await read(await ask("[[tokens=9]] [[stall=5]]", { provider }));
    expect(textOf(events)).toBe("tok0 tok1 tok2 tok3 tok4 ");
    expect(error).toMatchObject({ code: "timed_out", message: expect.stringContaining("after 6 events") });
    await upstream.requests[0]!.closed;
  });

  it("is no matter of the whole time: a slow answer outlives the idle time-out", async () => {
    const provider = connect({ idleTimeoutMs: 200 });
    const { events, error } = await read(await ask("[[tokens=20]] [[delay=20]]", { provider }));
    expect(error).toBeUndefined();
    expect(events.at(-1)?.data).toBe("[DONE]");
  });

  it("to reach it names host and port, never the key", async () => {
    const provider = connect({ apiKey: "sk-secret" });
    await upstream.close();
    const error = await ask("Hi", { provider }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "unreachable", retryable: true });
    expect((error as Error).message).toContain(`127.0.0.1:${upstream.port}`);
    expect((error as Error).message).not.toContain("sk-secret");
  });

  it("by a socket cut before the headers is unreachable", async () => {
    upstream.configure({ down: true });
    await expect(ask("Hi")).rejects.toMatchObject({ code: "unreachable" });
  });

  it("to keep a body within its limit is typed", async () => {
    const provider = connect({ maxBodyBytes: 1_000 });
    const failing = ask("[[tokens=1000]]", { provider, stream: false });
    await expect(failing).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("1000 bytes"),
    });
  });

  it("to write the base URL right is told at once", () => {
    expect(() => connect({ baseUrl: "localhost:11434" })).toThrow(/not an HTTP URL/);
  });
});

describe("aborting", () => {
  it.each([
    ["before the headers", "[[hang]]"],
    ["in mid-stream", "[[tokens=1000]] [[delay=1]]"],
  ])("%s frees the connection", async (_when, content) => {
    const stop = new AbortController();
    const answer = ask(content, { signal: stop.signal }).then(async (response) => {
      if (response.kind !== "events") throw new Error("no events");
      for await (const _ of response.events) stop.abort();
    });
    if (content === "[[hang]]") setImmediate(() => stop.abort());
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
    await upstream.requests[0]?.closed;
  });

  it("closes what runs when the provider is closed", async () => {
    const provider = connect();
    const response = await ask("[[tokens=1000]] [[delay=1]]", { provider });
    await provider.close();
    expect((await read(response)).error).toMatchObject({ code: "cancelled" });
    await upstream.requests[0]!.closed;
  });
});

describe("listing models", () => {
  it("gives ids, owners and times", async () => {
    expect(await connect().listModels()).toMatchObject([
      { id: "gpt-4o", name: "gpt-4o", ownedBy: "test", createdAtSec: 1_720_000_000 },
      { id: "gpt-4o-mini" },
    ]);
  });

  it.each<[Partial<ProviderOptions>, Partial<OpenAiProviderOptions>, string]>([
    [{ apiKey: "sk-right" }, { apiKey: "sk-wrong" }, "unauthorized"],
    [{ down: true }, {}, "unreachable"],
    [{}, { baseUrl: "http://127.0.0.1:9/v1" }, "unreachable"],
  ])("fails typed with %o and %o", async (configured, options, code) => {
    upstream.configure(configured);
    const error = await connect(options)
      .listModels()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain("sk-wrong");
  });

  it("fails typed where there is no list", async () => {
    const provider = connect({ baseUrl: `${upstream.url}/nowhere` });
    await expect(provider.listModels()).rejects.toMatchObject({ code: "server_failed" });
  });
});
