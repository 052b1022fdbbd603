import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect } from "../../../test/support/collect.ts";
import { createLocalProvider, type LocalProvider } from "./local.ts";
import { findCachedModel } from "./model-file.ts";
import type { ProviderEvent, ProviderResponse } from "./provider.ts";

const dataDir = resolve(process.env.OFFSTAGE_DATA_DIR || "offstage-data");
const own = process.env.OFFSTAGE_MODEL_PATH;
const modelPath = own ? (existsSync(own) ? own : null) : await findCachedModel(dataDir);
const never = new AbortController().signal;
const FRANCE = "Hi, what is the capital of France?";
const PARIS = "The capital of France is Paris.";

if (modelPath === null) {
  console.warn(
    "Skipped: the local model is not here. Run `npm run model:fetch`, or set OFFSTAGE_MODEL_PATH.",
  );
}

describe("without a model", () => {
  it("lists it as a demo model, and says what to do when it is asked", async () => {
    const provider = createLocalProvider({ dataDir, modelPath: "/nowhere/smollm2.gguf" });
    expect(await provider.listModels()).toMatchObject([
      { id: "smollm2", ownedBy: "local", contextLength: 2048 },
    ]);
    const request = { model: "smollm2", messages: [], stream: false };
    await expect(provider.complete(request, never)).rejects.toMatchObject({ code: "model_unavailable" });
    expect(await createLocalProvider({ dataDir }).listModels()).toMatchObject([
      { id: "smollm2-135m-instruct", name: "SmolLM2 135M Instruct (demo model)", demo: true },
    ]);
  });
});

describe.skipIf(modelPath === null)("the local model", { timeout: 120_000 }, () => {
  let provider: LocalProvider;
  let model: string;

  beforeAll(async () => {
    provider = createLocalProvider({
      dataDir,
      modelPath: own,
      sequences: 4,
      maxWaiting: 4,
      contextSize: 512,
      // Other tests keep the other cores busy.
      threads: 1,
    });
    model = (await provider.listModels())[0]!.id;
  });

  afterAll(async () => {
    expect(provider.load).toEqual({ idleSequences: 4, waiting: 0 });
    await provider.close();
    await expect(ask(FRANCE)).rejects.toMatchObject({ code: "cancelled" });
  });

  function ask(
    content: string,
    fields: Record<string, unknown> = {},
    signal = never,
  ): Promise<ProviderResponse> {
    return provider.complete(
      { model, messages: [{ role: "user", content }], stream: false, ...fields },
      signal,
    );
  }

  async function textOf(answer: Promise<ProviderResponse>): Promise<string> {
    const response = await answer;
    if (response.kind === "events") {
      const events = (await collect(response.events)).flat();
      return events.map((event) => event.chunk?.choices?.[0]?.delta?.content ?? "").join("");
    }
    const { choices } = response.body as { choices: { message: { content: string } }[] };
    return choices[0]!.message.content;
  }

  it("answers with OpenAI's body", async () => {
    expect(await ask(FRANCE)).toMatchObject({
      status: 200,
      kind: "json",
      body: {
        object: "chat.completion",
        model,
        choices: [{ index: 0, message: { role: "assistant", content: PARIS }, finish_reason: "stop" }],
        usage: { prompt_tokens: 19, completion_tokens: 7, total_tokens: 26 },
      },
    });
  });

  it("answers with OpenAI's chunks", async () => {
    const response = await ask(FRANCE, { stream: true, stream_options: { include_usage: true } });
    if (response.kind !== "events") throw new Error("no events");
    const events: ProviderEvent[] = (await collect(response.events)).flat();
    expect(events[0]!.chunk!.choices![0]!.delta).toEqual({ role: "assistant", content: "" });
    expect(events.at(-3)!.chunk!.choices![0]!.finish_reason).toBe("stop");
    expect(events.at(-2)!.chunk!.usage).toMatchObject({ total_tokens: 26 });
    expect(events.at(-1)!.data).toBe("[DONE]");
    for (const { data, chunk } of events.slice(0, -1)) expect(JSON.parse(data)).toEqual(chunk);
  });

  it("knows the turns before", async () => {
    const messages = [
      { role: "user", content: FRANCE },
      { role: "assistant", content: PARIS },
      { role: "user", content: "And of Italy?" },
    ];
    expect(await textOf(ask("", { messages }))).toBe("The capital of Italy is Rome.");
  });

  it("answers six at once with four sequences", async () => {
    const six = Array.from({ length: 6 }, (_, index) => textOf(ask(FRANCE, { stream: index % 2 === 0 })));
    expect(await Promise.all(six)).toEqual(Array(6).fill(PARIS));
  });

  it("refuses who comes when too many wait", async () => {
    const eight = Array.from({ length: 8 }, () => ask(FRANCE, { max_tokens: 1 }));
    const ninth = await ask(FRANCE);
    expect(ninth).toMatchObject({ status: 429, body: { error: { code: "rate_limited" } } });
    for (const response of await Promise.all(eight)) expect(response.status).toBe(200);
  });

  it("frees the sequence of whoever aborts or leaves, running or waiting", async () => {
    const stop = new AbortController();
    const story = { stream: true, max_tokens: 400 };
    const running = await Promise.all([1, 2, 3].map(() => ask("Tell a long story.", story, stop.signal)));
    const left = await ask("Tell a long story.", story);
    const waiting = ask(FRANCE, {}, stop.signal);
    for (const response of running) {
      if (response.kind !== "events") throw new Error("no events");
      await response.events[Symbol.asyncIterator]().next();
    }
    expect(provider.load).toEqual({ idleSequences: 0, waiting: 1 });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    if (left.kind !== "events") throw new Error("no events");
    for await (const _ of left.events) break;
    expect(await Promise.all([1, 2, 3, 4].map(() => textOf(ask(FRANCE))))).toEqual(Array(4).fill(PARIS));
  });

  it("gives a title as JSON by a schema", async () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string", minLength: 8, maxLength: 60 } },
      required: ["title"],
      additionalProperties: false,
    };
    const prompt = `### Task:\nWrite a short title (3-5 words) that says what this conversation is about. Answer as JSON: {"title": "..."}\n\nUSER: ${FRANCE}\nASSISTANT: ${PARIS}`;
    const format = { type: "json_schema", json_schema: { name: "title", schema } };
    const { title } = JSON.parse(await textOf(ask(prompt, { response_format: format, max_tokens: 100 })));
    expect(title).toMatch(/Paris|France/);
    expect(title.length).toBeLessThanOrEqual(60);
  });

  it("gives JSON of any shape if asked for", async () => {
    const fields = { response_format: { type: "json_object" }, max_tokens: 40 };
    expect(await textOf(ask("Name one city as JSON.", fields))).toMatch(/^\s*\{/);
  });

  it.each([
    ["max_tokens", { max_tokens: 3 }, "length"],
    ["stop", { stop: " of" }, "stop"],
  ])("honours %s", async (_field, fields, finish) => {
    const response = await ask(FRANCE, fields);
    expect(response.kind === "json" && response.body).toMatchObject({
      choices: [
        {
          message: { content: "The capital of".slice(0, finish === "stop" ? 11 : 14) },
          finish_reason: finish,
        },
      ],
    });
  });

  it("repeats itself with a seed", async () => {
    const fields = { temperature: 1.2, seed: 7, max_tokens: 12 };
    expect(await textOf(ask("Invent a name.", fields))).toBe(await textOf(ask("Invent a name.", fields)));
  });

  it("cuts what is longer than its context", async () => {
    const messages = [
      { role: "user", content: "word ".repeat(20_000) },
      { role: "assistant", content: "Yes." },
    ];
    const response = await ask("", { messages: [...messages, { role: "user", content: FRANCE }] });
    expect(await textOf(Promise.resolve(response))).toBe(PARIS);
    const long = await ask("word ".repeat(20_000), { max_tokens: 2 });
    expect(long.status).toBe(200);
    const { usage } = (long as { body: { usage: { total_tokens: number } } }).body;
    expect(usage.total_tokens).toBeLessThanOrEqual(512);
  });

  it.each([
    [404, { model: "gpt-4o" }],
    [400, { tools: [{ type: "function" }] }],
  ])("answers %i to what it cannot do", async (status, fields) => {
    expect(await ask(FRANCE, fields)).toMatchObject({ status, kind: "json" });
  });

  it("does not start when aborted before", async () => {
    await expect(ask(FRANCE, {}, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  });
});
