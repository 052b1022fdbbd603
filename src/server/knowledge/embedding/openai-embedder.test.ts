import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startProvider, type TestProvider } from "../../../../test/support/provider.ts";
import { wordVector } from "../../../../test/support/provider-embeddings.ts";
import type { Embedder } from "./embedder.ts";
import { createOpenAiEmbedder, type OpenAiEmbedderOptions } from "./openai-embedder.ts";
import { unitVector } from "./unit-vector.ts";

let provider: TestProvider;
let embedder: Embedder;
let pauses: number[];

beforeAll(async () => {
  provider = await startProvider();
});

afterEach(async () => {
  await embedder.close();
  provider.reset();
});

afterAll(() => provider.close());

function start(options: Partial<OpenAiEmbedderOptions> = {}): void {
  pauses = [];
  embedder = createOpenAiEmbedder({
    baseUrl: provider.url,
    model: "text-embedding-3-small",
    retries: 2,
    pause: async (ms) => pauses.push(ms),
    ...options,
  });
}

it("gives one vector of length 1 for each text, in their order, over several requests", async () => {
  start({ maxTexts: 2, apiKey: "sk-1" });
  provider.configure({ apiKey: "sk-1" });
  const texts = ["cats and dogs", "ferries", "cats", "harbours", "dogs"];
  expect(embedder.dimensions).toBeNull();
  expect(await embedder.embed(texts)).toEqual(texts.map((text) => unitVector(wordVector(text))));
  expect(embedder.dimensions).toBe(384);
  expect(embedder.name).toBe("openai:text-embedding-3-small");
  expect(provider.requests.map(({ body }) => (body as unknown as { input: string[] }).input.length)).toEqual([
    2, 2, 1,
  ]);
});

it("asks for shorter vectors, which have a name of their own", async () => {
  start({ dimensions: 64 });
  expect(embedder).toMatchObject({ name: "openai:text-embedding-3-small@64", dimensions: 64 });
  expect((await embedder.embed(["cats"]))[0]).toHaveLength(64);
});

it("asks nobody about no texts", async () => {
  start();
  expect(await embedder.embed([])).toEqual([]);
  expect(provider.requests).toEqual([]);
});

it("counts tokens by bytes", () => {
  start();
  expect(embedder.countTokens("")).toBe(0);
  expect(embedder.countTokens("twelve bytes")).toBe(4);
});

describe("failures", () => {
  it("tries again after a busy or failing answer, as long as it is asked to wait", async () => {
    start();
    provider.configure({ failEmbeddings: [503, 429] });
    expect(await embedder.embed(["cats"])).toHaveLength(1);
    expect(pauses).toEqual([250, 1_000]);
  });

  it.each([
    [[500, 500, 500], { code: "server_failed", status: 500, retryable: true }, 2],
    [[429, 429, 429], { code: "rate_limited", retryAfterSec: 1, httpStatus: 502 }, 2],
    [[400], { code: "model_failed", status: 400, retryable: false }, 0],
    [[404], { code: "model_failed", message: expect.stringContaining("model's name") }, 0],
  ])("gives up after %j", async (failEmbeddings, error, tries) => {
    start();
    provider.configure({ failEmbeddings: [...failEmbeddings] });
    await expect(embedder.embed(["cats"])).rejects.toMatchObject(error);
    expect(pauses).toHaveLength(tries);
  });

  it("says who cannot be reached", async () => {
    start();
    provider.configure({ down: true });
    await expect(embedder.embed(["cats"])).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining(`127.0.0.1:${provider.port}`),
    });
    expect(pauses).toHaveLength(2);
  });

  it("never shows the key", async () => {
    start({ apiKey: "mock failure" });
    provider.configure({ failEmbeddings: [401] });
    const error = await embedder.embed(["cats"]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unauthorized", message: expect.stringContaining("… 401") });
    expect(JSON.stringify(error)).not.toContain("mock failure 401");
  });

  it.each([
    ["[[count=1]]", "1 vectors for 2 texts"],
    ["[[dimensions=7]]", "7 dimensions, not 384"],
  ])("takes no vectors that do not fit (%s)", async (directive, message) => {
    start();
    await embedder.embed(["cats"]);
    await expect(embedder.embed(["dogs", directive])).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining(message),
    });
  });

  it("takes an answer for what it is", async () => {
    start({ baseUrl: `${provider.url}/chat` });
    await expect(embedder.embed(["cats"])).rejects.toMatchObject({ code: "model_failed", status: 400 });
    expect(() => createOpenAiEmbedder({ baseUrl: "localhost", model: "x" })).toThrow('is "localhost"');
  });

  it("ends at once when it is aborted, also in a pause, and when it is closed", async () => {
    const stop = new AbortController();
    start({
      async pause(_, signal) {
        stop.abort();
        signal?.throwIfAborted();
      },
    });
    provider.configure({ failEmbeddings: [500] });
    await expect(embedder.embed(["cats"], stop.signal)).rejects.toMatchObject({ code: "cancelled" });
    await embedder.close();
    await expect(embedder.embed(["cats"])).rejects.toMatchObject({ code: "cancelled" });
  });
});
