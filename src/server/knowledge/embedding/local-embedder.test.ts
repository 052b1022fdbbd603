import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../../../test/support/eventually.ts";
import { findCachedModel } from "../../providers/model-file.ts";
import { createLocalEmbedder, type LocalEmbedder } from "./local-embedder.ts";
import { MINILM_MODEL } from "./minilm-model.ts";

/** Answers as the real program does, by the first text of a request. */
const PROGRAM = `
process.on("disconnect", () => process.exit());
process.on("message", ({ id, texts }) => {
  if (texts?.[0] === "die") process.kill(process.pid, "SIGKILL");
  else if (texts?.[0] === "fail") process.send({ id, code: "model_failed", message: "It failed." });
  else if (texts?.[0] === "unavailable") {
    process.send({ code: "model_unavailable", message: "Install it." });
    process.disconnect();
  } else if (texts && texts[0] !== "hang") process.send({ id, vectors: texts.map(() => Float32Array.of(1)) });
});
`;

let folder: string;
let embedder: LocalEmbedder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-embedder-"));
  await writeFile(join(folder, "program.mjs"), PROGRAM);
});

afterEach(() => embedder.close());

afterAll(() => rm(folder, { recursive: true }));

function start(idleMs?: number): void {
  const program = join(folder, "program.mjs");
  embedder = createLocalEmbedder({ dataDir: folder, modelPath: program, program, idleMs });
}

describe("the process of the model", () => {
  it("starts with the first text, and not for none", async () => {
    start();
    expect(await embedder.embed([])).toEqual([]);
    expect(embedder.processId).toBeNull();
    expect(await embedder.embed(["a", "b"])).toEqual([Float32Array.of(1), Float32Array.of(1)]);
    expect(embedder.processId).toEqual(expect.any(Number));
  });

  it.each([
    ["die", "unavailable", true],
    ["unavailable", "model_unavailable", false],
  ])(
    "rejects all that wait when it ends (%s), and the next call gets a new one",
    async (text, code, retryable) => {
      start();
      const waiting = embedder.embed(["hang"]).catch((error: unknown) => error);
      await expect(embedder.embed([text])).rejects.toMatchObject({ code, retryable });
      expect(await waiting).toMatchObject({ code });
      expect(await embedder.embed(["a"])).toHaveLength(1);
    },
  );

  it("passes on what fails", async () => {
    start();
    await expect(embedder.embed(["fail"])).rejects.toMatchObject({
      code: "model_failed",
      message: "It failed.",
    });
  });

  it("is gone after an idle time, and comes back", async () => {
    start(0);
    await embedder.embed(["a"]);
    await eventually("the end of the process", () => embedder.processId === null);
    expect(await embedder.embed(["a"])).toHaveLength(1);
  });

  it("does not end while somebody waits", async () => {
    start(0);
    const stop = new AbortController();
    const waiting = embedder.embed(["hang"], stop.signal).catch((error: unknown) => error);
    await embedder.embed(["a"]);
    expect(embedder.processId).not.toBeNull();
    stop.abort();
    expect(await waiting).toMatchObject({ code: "cancelled" });
  });

  it("does not start for an aborted call", async () => {
    start();
    await expect(embedder.embed(["a"], AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  });

  it("ends with the embedder, whose callers are told", async () => {
    start();
    await embedder.embed(["a"]);
    const { processId } = embedder;
    const waiting = embedder.embed(["hang"]).catch((error: unknown) => error);
    await embedder.close();
    expect(await waiting).toMatchObject({ code: "cancelled" });
    expect(() => process.kill(processId!, 0)).toThrow("ESRCH");
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "cancelled" });
  });

  it("is not started without the model's file", async () => {
    embedder = createLocalEmbedder({ dataDir: folder, modelPath: "/nowhere/model.onnx" });
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "model_unavailable",
      message: expect.stringMatching(/\/nowhere\/model\.onnx.*OFFSTAGE_EMBEDDING_MODEL_PATH/),
    });
  });
});

const dataDir = resolve(process.env.OFFSTAGE_DATA_DIR || "offstage-data");
const own = process.env.OFFSTAGE_EMBEDDING_MODEL_PATH;
const modelPath = own ? (existsSync(own) ? own : null) : await findCachedModel(dataDir, MINILM_MODEL);

if (modelPath === null) {
  console.warn(
    "Skipped: the embedding model is not here. Run `npm run model:fetch`, or set OFFSTAGE_EMBEDDING_MODEL_PATH.",
  );
}

describe.skipIf(modelPath === null)("the model", { timeout: 120_000 }, () => {
  const cosine = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, index) => sum + value * b[index]!, 0);

  it("puts texts of like meaning near each other, and a text always at the same place", async () => {
    embedder = createLocalEmbedder({ dataDir, modelPath: modelPath!, threads: 1 });
    const long = "The ferry leaves the harbour at noon. ".repeat(60);
    const texts = [
      "What is the capital of France?",
      "Paris is the capital of France.",
      "kitten",
      "cat",
      "",
      long,
    ];
    const [question, answer, kitten, cat] = await embedder.embed(texts);
    expect(cosine(question!, answer!)).toBeGreaterThan(0.8);
    expect(cosine(kitten!, cat!)).toBeGreaterThan(0.6);
    expect(cosine(question!, cat!)).toBeLessThan(0.2);
    expect(cosine(question!, question!)).toBeCloseTo(1, 5);
    const [alone] = await embedder.embed(["cat"], undefined, { urgent: true });
    expect(cosine(alone!, cat!)).toBeCloseTo(1, 5);
    expect(alone).toHaveLength(embedder.dimensions!);
  });

  it("says what is wrong with a file that is no model", async () => {
    embedder = createLocalEmbedder({ dataDir, modelPath: join(folder, "program.mjs") });
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "model_unavailable",
      message: expect.stringContaining("program.mjs"),
    });
  });
});
