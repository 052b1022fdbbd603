import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Embedder } from "../../src/server/knowledge/embedding/embedder.ts";
import { unitVector } from "../../src/server/knowledge/embedding/unit-vector.ts";
import { wordVector } from "../../test/support/provider-embeddings.ts";
import { createOffstageRetrievers } from "./offstage-retrievers.ts";
import type { RetrievalDocument } from "./retriever.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-retrievers-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Texts with words in common are near each other. */
const embedder: Embedder = {
  name: "words",
  dimensions: 384,
  maxTokens: 256,
  embed: async (texts) => texts.map((text) => unitVector(wordVector(text))!),
  countTokens: (text) => text.length / 4,
  close: async () => {},
};

const textDocument = (name: string, text: string): RetrievalDocument => ({
  name,
  contentType: "text/plain",
  bytes: Buffer.from(text),
});

test("each way to search finds passages with the names of their documents", async () => {
  const documents = [
    textDocument("france.txt", "Paris is the capital of France."),
    textDocument("bread.txt", "Bread is baked in ovens."),
  ];
  const retrievers = createOffstageRetrievers({ embedder, folder });
  for (const retriever of retrievers) {
    await retriever.index(documents);
    const [first] = await retriever.search("Where is bread baked?", [], 1);
    expect(first, retriever.name).toEqual({ document: "bread.txt", text: "Bread is baked in ovens." });
    const conversation = [
      { role: "user" as const, content: "Tell me about France." },
      { role: "assistant" as const, content: "It lies in Europe." },
    ];
    const followUp = await retriever.search("And its capital?", conversation, 5);
    expect(followUp[0]?.document, retriever.name).toBe("france.txt");
    await retriever.close();
  }
  expect(retrievers.map(({ name }) => name)).toEqual([
    "words",
    "vectors",
    "hybrid",
    "hybrid, question alone",
  ]);
});

test("a document that cannot be read is named", async () => {
  const [retriever] = createOffstageRetrievers({ embedder, folder });
  const broken = {
    name: "broken.pdf",
    contentType: "application/pdf",
    bytes: Buffer.from("%PDF-1.7 nothing"),
  };
  await expect(retriever!.index([broken])).rejects.toThrow(/broken\.pdf/);
});
