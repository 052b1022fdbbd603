import { describe, expect, test } from "vitest";
import { OffstageError } from "../../../errors.ts";
import type { ChunkQuery, ChunkSearch, FoundChunk } from "./chunk-search.ts";
import type { RequestedItem } from "./requested-item.ts";
import { type QuestionEmbedder, type RetrieveInput, retrieve } from "./retrieve.ts";

const items: RequestedItem[] = [
  {
    item: { id: "k1", type: "collection" },
    contents: [{ contentId: "geo", fileId: "f1", name: "geo.txt", hash: "h1" }],
  },
  {
    item: { id: "f2", type: "file" },
    contents: [{ contentId: "geo", fileId: "f2", name: "copy.txt", hash: "h1" }],
  },
];

const found = (id: number, text: string): FoundChunk => ({
  id,
  contentId: "geo",
  position: id * 10,
  page: null,
  headings: [],
  startOffset: id * 1000,
  endOffset: id * 1000 + text.length,
  tokenCount: 5,
  text,
  score: 1 / id,
  similarity: null,
});

/** Finds what each text is said to find, and remembers what it was asked. */
function searchOf(answers: Record<string, FoundChunk[]>): ChunkSearch & { asked: ChunkQuery[] } {
  const asked: ChunkQuery[] = [];
  return {
    asked,
    search: async (query) => {
      asked.push(query);
      return answers[query.text] ?? [];
    },
    close: async () => {},
  };
}

/** The length of a text is all the meaning it has. */
const embedder: QuestionEmbedder = {
  name: "length",
  embed: async (texts) => texts.map((text) => Float32Array.of(text.length)),
};

const FRANCE = "What is the capital of France?";
const ask = (input: Partial<RetrieveInput>) =>
  retrieve({
    messages: [{ role: "user", content: FRANCE }],
    items,
    search: searchOf({}),
    embedder,
    ...input,
  });

describe("a question with files", () => {
  test("is searched for in all contents of the items, by words and by vector, and answered from what is found", async () => {
    const search = searchOf({ [FRANCE]: [found(1, "Paris is the capital.")] });
    const retrieved = await ask({ search });
    expect(search.asked).toMatchObject([
      { text: FRANCE, vector: Float32Array.of(FRANCE.length), embedder: "length", contentIds: ["geo"] },
    ]);
    expect(retrieved).toMatchObject({
      sources: [{ source: { id: "k1" }, document: ["Paris is the capital."], metadata: [{ file_id: "f1" }] }],
      sourceCount: 1,
      searchTexts: [FRANCE],
      embeddingFailure: null,
    });
    expect(retrieved.message?.content).toContain("[1] geo.txt:\nParis is the capital.");
  });

  test("that leans on an earlier one is searched for twice, and what both find comes first", async () => {
    const together = `How many people live there nowadays?\n${FRANCE}\nParis.`;
    const search = searchOf({
      "How many people live there nowadays?": [
        found(3, "People live in houses."),
        found(4, "Paris: 2 million."),
      ],
      [together]: [found(4, "Paris: 2 million."), found(5, "Paris is the capital.")],
    });
    const { sources, searchTexts } = await ask({
      search,
      messages: [
        { role: "user", content: FRANCE },
        { role: "assistant", content: "Paris." },
        { role: "user", content: [{ type: "text", text: "How many people live there nowadays?" }] },
      ],
    });
    expect(searchTexts).toEqual(["How many people live there nowadays?", together]);
    expect(sources[0]?.document).toEqual([
      "Paris: 2 million.",
      "People live in houses.",
      "Paris is the capital.",
    ]);
  });

  test("that finds nothing has no sources, and the model is told", async () => {
    const retrieved = await ask({});
    expect(retrieved).toMatchObject({ sources: [], sourceCount: 0 });
    expect(retrieved.message?.content).toMatch(/nothing in them matched/);
  });

  test("goes on by words alone where the embedder fails, and says why", async () => {
    const failure = new OffstageError("model_unavailable", "no model");
    const search = searchOf({ [FRANCE]: [found(1, "Paris is the capital.")] });
    const retrieved = await ask({
      search,
      embedder: { name: "broken", embed: () => Promise.reject(failure) },
    });
    expect(retrieved.embeddingFailure).toBe(failure);
    expect(retrieved.sources).toHaveLength(1);
    expect(search.asked).toMatchObject([{ vector: null, embedder: null }]);
  });

  test("goes by words alone where there is no embedder, which is no failure", async () => {
    const search = searchOf({});
    expect((await ask({ search, embedder: null })).embeddingFailure).toBeNull();
    expect(search.asked).toMatchObject([{ vector: null, embedder: null }]);
  });

  test("that was cancelled fails, and is not searched for", async () => {
    const search = searchOf({});
    const signal = AbortSignal.abort();
    const refusing = {
      name: "refusing",
      embed: () => Promise.reject(new OffstageError("cancelled", "stopped")),
    };
    await expect(ask({ search, signal, embedder: refusing })).rejects.toMatchObject({ code: "cancelled" });
    expect(search.asked).toEqual([]);
  });

  test("without words asks for nothing", async () => {
    const search = searchOf({});
    expect(await ask({ search, messages: [{ role: "user", content: [{ type: "image_url" }] }] })).toEqual({
      sources: [],
      sourceCount: 0,
      chunks: [],
      message: null,
      searchTexts: [],
      embeddingFailure: null,
    });
    expect(search.asked).toEqual([]);
  });

  test("keeps to the budget", async () => {
    const search = searchOf({ [FRANCE]: [found(1, "one"), found(2, "two"), found(3, "three")] });
    const { sources } = await ask({ search, budget: { maxPassages: 2 } });
    expect(sources[0]?.document).toEqual(["one", "two"]);
  });
});
