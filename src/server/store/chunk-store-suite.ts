import { beforeEach, describe, expect, test } from "vitest";
import type { ContentTable } from "../../db/schema.ts";
import type { Chunk } from "../knowledge/document.ts";
import type { Store } from "./store.ts";

const content: ContentTable = {
  id: "hash.txt",
  hash: "hash",
  name: "notes.txt",
  content_type: "text/plain",
  size_bytes: 12,
  status: "processing",
  error: null,
  page_count: null,
  chunk_count: null,
  embedder: null,
  created_at_sec: 100,
  processed_at_sec: null,
  text: null,
};

const chunk = (position: number, text: string): Chunk => ({
  position,
  text,
  startOffset: position * 100,
  endOffset: position * 100 + text.length,
  page: position === 0 ? null : position,
  headings: ["Notes", `Part "${position}"`],
  tokenCount: 3,
});

/** What is promised of chunks and their vectors; how they are found is the search's own test. */
export function testChunks(store: () => Store): void {
  describe("chunks", () => {
    const list = (embedder: string, limit = 10) =>
      store().chunks.listUnembedded(store().read, { contentId: content.id, embedder, limit });
    const textsOf = (chunks: readonly { text: string }[]) => chunks.map(({ text }) => text);

    beforeEach(async () => {
      await store().write(async (tx) => {
        await store().contents.insertContent(tx, content);
        await store().contents.insertContent(tx, { ...content, id: "other.txt" });
        await store().chunks.insertChunks(tx, content.id, [chunk(0, "one"), chunk(1, "two")]);
        await store().chunks.insertChunks(tx, content.id, [chunk(2, "three")]);
        await store().chunks.insertChunks(tx, "other.txt", [chunk(0, "elsewhere")]);
      });
    });

    test("wait for vectors in the order of the text", async () => {
      expect(textsOf(await list("a"))).toEqual(["one", "two", "three"]);
      expect(textsOf(await list("a", 2))).toEqual(["one", "two"]);
      expect((await list("a"))[1]?.headings).toEqual(["Notes", 'Part "1"']);
    });

    test("have one vector, of the embedder that was last", async () => {
      const [one, two] = await list("a");
      const vector = Float32Array.of(0.6, -0.8);
      const put = (embedder: string, chunkId: number) =>
        store().write((tx) => store().chunks.insertVectors(tx, embedder, [{ chunkId, vector }]));
      await put("a", one!.id);
      await put("a", two!.id);
      expect(textsOf(await list("a"))).toEqual(["three"]);
      expect(textsOf(await list("b"))).toEqual(["one", "two", "three"]);
      await put("b", one!.id);
      expect(textsOf(await list("a"))).toEqual(["one", "three"]);
      expect(textsOf(await list("b"))).toEqual(["two", "three"]);
    });

    test("go by themselves or with their content, and vectors for gone ones are refused", async () => {
      const [one] = await list("a");
      await store().write((tx) => store().chunks.deleteChunks(tx, "other.txt"));
      expect(await list("a")).toHaveLength(3);
      await store().write((tx) => store().chunks.deleteChunks(tx, content.id));
      expect(await list("a")).toEqual([]);
      const late = store().write((tx) =>
        store().chunks.insertVectors(tx, "a", [{ chunkId: one!.id, vector: Float32Array.of(1) }]),
      );
      await expect(late).rejects.toMatchObject({ code: "conflict" });
    });

    test("of a content that goes leave nothing, so that it can come again", async () => {
      const [one] = await list("a");
      await store().write(async (tx) => {
        await store().chunks.insertVectors(tx, "a", [{ chunkId: one!.id, vector: Float32Array.of(1) }]);
        expect(await store().contents.deleteUnheldContent(tx, content.id)).toBe(true);
        await store().contents.insertContent(tx, content);
        await store().chunks.insertChunks(tx, content.id, [chunk(0, "again")]);
      });
      expect(textsOf(await list("a"))).toEqual(["again"]);
    });
  });
}
