import { expect, test } from "vitest";
import type { Embedder } from "../../src/server/knowledge/embedding/embedder.ts";
import { startEmbeddingServer } from "./embedding-server.ts";

/** The length of a text is all the meaning it has. */
const embedder: Embedder = {
  name: "length",
  dimensions: 1,
  maxTokens: 256,
  embed: async (texts) => texts.map((text) => Float32Array.of(text.length)),
  countTokens: (text) => text.length,
  close: async () => {},
};

test("an embedder is served as OpenAI's API has it, for one text and for several", async () => {
  const server = await startEmbeddingServer(embedder);
  const embed = async (input: string | string[]) => {
    const response = await fetch(`${server.url}/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "any", input }),
    });
    const { data } = (await response.json()) as { data: { index: number; embedding: number[] }[] };
    return data.map(({ index, embedding }) => [index, ...embedding]);
  };
  try {
    expect(await embed("four")).toEqual([[0, 4]]);
    expect(await embed(["four", "seventh"])).toEqual([
      [0, 4],
      [1, 7],
    ]);
  } finally {
    await server.close();
  }
  await expect(embed("closed")).rejects.toThrow();
});
