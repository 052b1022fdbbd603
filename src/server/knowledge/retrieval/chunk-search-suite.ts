import { beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../store/store.ts";
import type { ChunkQuery, ChunkSearch } from "./chunk-search.ts";

/** What every search promises, whatever the engine; `open` gives an empty store and a search of it for each test. */
export function testChunkSearch(open: () => { store: Store; search: ChunkSearch }): void {
  let store: Store;
  let search: ChunkSearch;

  beforeEach(async () => {
    ({ store, search } = open());
    await insert("geo.txt", [
      "The capital of France is Paris.",
      "Rivers carry water to the sea.",
      "Zürich lies at a lake.",
    ]);
    await insert("food.txt", ["Bread is baked in ovens.", "In France one eats cheese."]);
  });

  const insert = (contentId: string, texts: readonly string[], headings: string[] = []) =>
    store.write(async (tx) => {
      await store.contents.insertContent(tx, {
        id: contentId,
        hash: contentId,
        name: contentId,
        content_type: null,
        size_bytes: 1,
        status: "processed",
        error: null,
        page_count: null,
        chunk_count: null,
        embedder: null,
        created_at_sec: 1,
        processed_at_sec: 1,
        text: null,
      });
      await store.chunks.insertChunks(
        tx,
        contentId,
        texts.map((text, position) => ({
          position,
          text,
          startOffset: position * 1000,
          endOffset: position * 1000 + text.length,
          page: position + 1,
          headings,
          tokenCount: 7,
        })),
      );
    });

  /** Gives the chunks of a content vectors in two dimensions, by degrees. */
  const embed = (contentId: string, embedder: string, degrees: readonly number[]) =>
    store.write(async (tx) => {
      const chunks = await store.chunks.listUnembedded(tx, { contentId, embedder, limit: degrees.length });
      await store.chunks.insertVectors(
        tx,
        embedder,
        chunks.map(({ id }, index) => ({ chunkId: id, vector: direction(degrees[index]!) })),
      );
    });

  const direction = (degrees: number) =>
    Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

  const query = (change: Partial<ChunkQuery>): ChunkQuery => ({
    text: "",
    vector: null,
    embedder: null,
    contentIds: ["geo.txt", "food.txt"],
    limit: 10,
    ...change,
  });

  const textsOf = async (change: Partial<ChunkQuery>) =>
    (await search.search(query(change))).map(({ text }) => text);

  describe("by words", () => {
    test.each([
      ["what is the capital of France?", "The capital of France is Paris."],
      ["river", "Rivers carry water to the sea."],
      ["ZURICH", "Zürich lies at a lake."],
      ['"capital" AND NOT france* OR (', "The capital of France is Paris."],
      ["text:NEAR(oven baked, 2) - ^", "Bread is baked in ovens."],
    ])("%s finds its chunk first", async (text, found) => {
      expect((await textsOf({ text }))[0]).toBe(found);
    });

    test.each(["", "?!", "*", '"', "unheard-of"])("%j finds nothing", async (text) => {
      expect(await textsOf({ text })).toEqual([]);
    });

    test("headings count, and what was found is told whole", async () => {
      await insert("guide.md", ["See below."], ["Appliances", 'The "Kettle"']);
      const [found] = await search.search(query({ text: "kettles", contentIds: ["guide.md"] }));
      expect(found).toMatchObject({
        contentId: "guide.md",
        position: 0,
        page: 1,
        headings: ["Appliances", 'The "Kettle"'],
        startOffset: 0,
        endOffset: 10,
        tokenCount: 7,
        text: "See below.",
        similarity: null,
      });
    });

    test("scores are shares of what a chunk with all the words could have", async () => {
      const scoreOf = async (text: string) => (await search.search(query({ text })))[0]!.score;
      const whole = await scoreOf("ovens baked");
      expect(whole).toBeGreaterThan(0.3);
      expect(whole).toBeLessThan(1);
      expect(await scoreOf("ovens baked somewhere else entirely")).toBeLessThan(whole / 2);
      const repeated = "Cheese ".repeat(500);
      await insert("cheese.txt", [repeated]);
      const [found] = await search.search(query({ text: "cheese", contentIds: ["cheese.txt"] }));
      expect(found?.score).toBeLessThanOrEqual(1);
    });

    test("only the contents that were named are searched, and no more is found than asked for", async () => {
      expect(await textsOf({ text: "France", contentIds: ["food.txt"] })).toEqual([
        "In France one eats cheese.",
      ]);
      expect(await textsOf({ text: "France", contentIds: [] })).toEqual([]);
      expect(await textsOf({ text: "France", contentIds: ["unknown"] })).toEqual([]);
      expect(await textsOf({ text: "France", limit: 1 })).toHaveLength(1);
    });
  });

  describe("by vectors", () => {
    beforeEach(() => embed("geo.txt", "a", [0, 90, 180]));

    test("the nearest come first, with their cosines", async () => {
      const found = await search.search(query({ vector: direction(80), embedder: "a" }));
      expect(found.map(({ text }) => text.split(" ")[0])).toEqual(["Rivers", "The", "Zürich"]);
      expect(found[0]?.similarity).toBeCloseTo(Math.cos(Math.PI / 18), 5);
    });

    test("words and vectors together beat each alone", async () => {
      const found = await search.search(query({ text: "France", vector: direction(60), embedder: "a" }));
      expect(found[0]).toMatchObject({ text: "The capital of France is Paris." });
      const byWordsOnly = found.find(({ contentId }) => contentId === "food.txt");
      expect(byWordsOnly?.similarity).toBeNull();
    });

    test("those of another embedder or of another length are not compared", async () => {
      expect(await textsOf({ vector: direction(0), embedder: "b" })).toEqual([]);
      expect(await textsOf({ vector: direction(0), embedder: null })).toEqual([]);
      expect(await textsOf({ vector: Float32Array.of(1, 0, 0), embedder: "a" })).toEqual([]);
      expect(await textsOf({ text: "Paris", vector: direction(0), embedder: "b" })).toHaveLength(1);
    });

    test("what changes between two searches is seen by the second", async () => {
      const nearest = () => textsOf({ vector: direction(0), embedder: "a", limit: 1 });
      expect(await nearest()).toEqual(["The capital of France is Paris."]);
      await embed("food.txt", "a", [0, 1]);
      expect((await textsOf({ vector: direction(1), embedder: "a", limit: 1 }))[0]).toMatch(/^In France/);
      await embed("geo.txt", "b", [180, 90, 0]);
      expect(await nearest()).toEqual(["Bread is baked in ovens."]);
      await store.write((tx) => store.contents.deleteUnheldContent(tx, "food.txt"));
      expect(await nearest()).toEqual([]);
      await insert("food.txt", ["Soup is hot."]);
      await embed("food.txt", "a", [5]);
      expect(await nearest()).toEqual(["Soup is hot."]);
    });
  });

  test("chunks that went are not found by their words, however they went", async () => {
    await embed("geo.txt", "a", [0, 90, 180]);
    await store.write((tx) => store.chunks.deleteChunks(tx, "geo.txt"));
    await store.write((tx) => store.contents.deleteUnheldContent(tx, "food.txt"));
    await insert("other.txt", ["Nothing of that."]);
    const contentIds = ["geo.txt", "food.txt", "other.txt"];
    expect(await textsOf({ text: "France capital rivers bread", contentIds })).toEqual([]);
    expect(await textsOf({ vector: direction(0), embedder: "a", contentIds })).toEqual([]);
  });

  test("many queries at once are all answered", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => textsOf({ text: "cheese" })));
    expect(all).toEqual(all.map(() => ["In France one eats cheese."]));
  });

  test("a cancelled query frees its caller at once and holds up no other", async () => {
    const aborting = new AbortController();
    const running = search.search(query({ text: "France" }), aborting.signal);
    const waiting = search.search(query({ text: "France" }), aborting.signal);
    const next = textsOf({ text: "cheese" });
    aborting.abort(new Error("hung up"));
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    expect(await next).toHaveLength(1);
    await expect(search.search(query({ text: "France" }), aborting.signal)).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  test("a closed search refuses what waits and what comes", async () => {
    const waiting = search.search(query({ text: "France" }));
    const refused = expect(waiting).rejects.toMatchObject({ code: "unavailable", retryable: false });
    await search.close();
    await refused;
    await expect(search.search(query({ text: "France" }))).rejects.toMatchObject({ code: "unavailable" });
  });
}
