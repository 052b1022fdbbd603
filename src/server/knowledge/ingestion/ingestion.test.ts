import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../../../test/support/eventually.ts";
import { openSqlite } from "../../../db/sqlite.ts";
import { OffstageError } from "../../../errors.ts";
import { openStore } from "../../store/open-store.ts";
import type { ContentFacts, Store } from "../../store/store.ts";
import type { Chunk } from "../document.ts";
import { createIngestion, type Ingestion } from "./ingestion.ts";
import type { ChunkEmbedder, ContentReader } from "./ingestion-parts.ts";

let folder: string;
let store: Store;
let ingestion: Ingestion | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-ingestion-"));
  store = openStore(await openSqlite({ path: join(folder, "test.sqlite") }));
});
afterEach(async () => {
  await ingestion?.close();
  ingestion = undefined;
  await store.close();
  await rm(folder, { recursive: true });
});

const insert = (id: string) =>
  store.write((tx) =>
    store.contents.insertContent(tx, {
      id,
      hash: id,
      name: `${id}.txt`,
      content_type: null,
      size_bytes: 1,
      status: "processing",
      error: null,
      page_count: null,
      chunk_count: null,
      embedder: null,
      created_at_sec: 1,
      processed_at_sec: null,
      text: null,
    }),
  );

const find = (id: string) => store.contents.findContent(store.read, id);

function chunks(count: number): Chunk[] {
  return Array.from({ length: count }, (_, position) => ({
    position,
    text: `text ${position}`,
    startOffset: position * 10,
    endOffset: position * 10 + 9,
    page: null,
    headings: position === 0 ? ["Top"] : [],
    tokenCount: 2,
  }));
}

/** A reader that gives every content as many chunks, and keeps what it was asked. */
function fakeReader(count = 3, read?: (content: ContentFacts) => unknown) {
  const asked: string[] = [];
  return {
    asked,
    async read(content: ContentFacts) {
      asked.push(content.id);
      await read?.(content);
      return { title: null, text: `the text of ${content.id}`, pageCount: null, chunks: chunks(count) };
    },
    close: async () => {},
  };
}

/** An embedder whose every vector is the same; `before` may throw. */
function fakeEmbedder(
  name = "fake",
  before: (texts: readonly string[]) => void = () => {},
): ChunkEmbedder & { texts: string[] } {
  const texts: string[] = [];
  return {
    name,
    texts,
    async embed(batch) {
      before(batch);
      texts.push(...batch);
      return batch.map(() => new Float32Array([1, 0]));
    },
    close: async () => {},
  };
}

function start(parts: { reader?: ContentReader; embedder?: ChunkEmbedder | null } = {}): Ingestion {
  ingestion = createIngestion({
    store,
    reader: fakeReader(),
    embedder: fakeEmbedder(),
    log: pino({ level: "silent" }),
    nowSec: () => 7,
    retry: { retries: 2, minTimeout: 0, maxTimeout: 0, factor: 1 },
    ...parts,
  });
  return ingestion;
}

const ends = (id: string) =>
  eventually(`${id} is processed, or failed`, async () => {
    const content = await find(id);
    return content?.status === "processing" ? undefined : content;
  });

const unembedded = (contentId: string, embedder = "fake") =>
  store.chunks.listUnembedded(store.read, { contentId, embedder, limit: 1_000 });

const away = () => new OffstageError("unreachable", "The embedder is away.");

describe("a content", () => {
  test("is read, cut and embedded, with the headings in front of each chunk", async () => {
    const embedder = fakeEmbedder();
    await insert("a");
    start({ embedder }).enqueue("a");
    expect(await ends("a")).toMatchObject({
      status: "processed",
      chunk_count: 3,
      embedder: "fake",
      processed_at_sec: 7,
    });
    expect(await store.contents.findContentText(store.read, "a")).toBe("the text of a");
    expect(embedder.texts).toEqual(["Top\ntext 0", "text 1", "text 2"]);
    expect(await unembedded("a")).toEqual([]);
  });

  test("of many chunks is embedded in batches, each committed, and tells how far it is", async () => {
    const sizes: number[] = [];
    const told: unknown[] = [];
    await insert("a");
    const running = start({
      reader: fakeReader(100),
      embedder: fakeEmbedder("fake", (texts) => sizes.push(texts.length)),
    });
    const gone = new AbortController();
    const changes = running.changes("a", gone.signal);
    running.enqueue("a");
    for await (const _ of changes) {
      told.push(running.progressOf("a"));
      if ((await find("a"))?.status === "processed") break;
    }
    expect(sizes).toEqual([32, 32, 32, 4]);
    expect(told).toContainEqual({ embedded: 32, chunks: 100 });
    expect(running.progressOf("a")).toBeNull();
  });

  test("without an embedder is found by its words", async () => {
    await insert("a");
    start({ embedder: null }).enqueue("a");
    expect(await ends("a")).toMatchObject({ status: "processed", embedder: null });
  });

  test("whose model is not there is found by its words, until it is", async () => {
    await insert("a");
    const missing = fakeEmbedder("fake", () => {
      throw new OffstageError("model_unavailable", "No model.");
    });
    start({ embedder: missing }).enqueue("a");
    expect(await ends("a")).toMatchObject({ status: "processed", embedder: null, error: null });
    await ingestion!.close();
    await start().resume();
    await eventually("it is embedded", async () => (await find("a"))?.embedder === "fake");
    expect(await unembedded("a")).toEqual([]);
  });
});

describe("what goes wrong", () => {
  test("for good ends in the content's error, and the next one is processed", async () => {
    await insert("bad");
    await insert("good");
    const reader = fakeReader(3, ({ id }) => {
      if (id === "bad") throw new OffstageError("bad_input", "bad.txt has no text.");
    });
    const running = start({ reader });
    running.enqueue("bad");
    running.enqueue("good");
    expect(await ends("bad")).toMatchObject({ status: "error", error: "bad.txt has no text." });
    expect(await ends("good")).toMatchObject({ status: "processed" });
    expect(reader.asked).toEqual(["bad", "good"]);
  });

  test("for a while is tried again without doing what was done, and says so meanwhile", async () => {
    await insert("a");
    const notes: (string | null | undefined)[] = [];
    let calls = 0;
    const embedder = fakeEmbedder("fake", () => {
      calls += 1;
      if (calls === 2) throw away();
    });
    const reader = fakeReader(40);
    const running = start({ reader, embedder });
    const gone = new AbortController();
    const changes = running.changes("a", gone.signal);
    running.enqueue("a");
    for await (const _ of changes) {
      const content = await find("a");
      notes.push(content?.error);
      if (content?.status === "processed") break;
    }
    expect(notes).toContain("The embedder is away.");
    expect(await find("a")).toMatchObject({ status: "processed", error: null });
    expect(reader.asked).toEqual(["a"]);
    expect(embedder.texts).toHaveLength(40);
  });

  test("for too long ends in the content's error, and a restart goes on where it was", async () => {
    await insert("a");
    const reader = fakeReader(40);
    let isAway = false;
    const embedder = fakeEmbedder("fake", () => {
      if (isAway) throw away();
      isAway = true;
    });
    const running = start({ reader, embedder });
    running.enqueue("a");
    expect(await ends("a")).toMatchObject({ status: "error", error: "The embedder is away." });
    expect(await unembedded("a")).toHaveLength(8);
    embedder.texts.length = 0;
    isAway = false;
    await store.write((tx) => store.contents.restartContent(tx, "a"));
    running.enqueue("a");
    expect(await ends("a")).toMatchObject({ status: "processed" });
    expect(reader.asked).toEqual(["a"]);
    expect(embedder.texts).toHaveLength(8);
  });

  test("because the content was deleted meanwhile is nobody's trouble", async () => {
    await insert("a");
    await insert("b");
    const reader = fakeReader(2, async ({ id }) => {
      if (id === "a") await store.write((tx) => store.contents.deleteUnheldContent(tx, "a"));
    });
    const running = start({ reader });
    running.enqueue("a");
    running.enqueue("b");
    expect(await ends("b")).toMatchObject({ status: "processed" });
    expect(await find("a")).toBeUndefined();
  });
});

describe("after a restart", () => {
  test("what was not cut is cut anew, and what was is only embedded", async () => {
    await insert("cut");
    await insert("half");
    await store.write(async (tx) => {
      await store.chunks.insertChunks(tx, "cut", chunks(3));
      await store.contents.keepText(tx, "cut", { text: "kept", page_count: null, chunk_count: 3 });
      await store.chunks.insertChunks(tx, "half", chunks(2));
    });
    const reader = fakeReader(5);
    await start({ reader }).resume();
    expect(await ends("cut")).toMatchObject({ status: "processed", chunk_count: 3 });
    expect(await ends("half")).toMatchObject({ status: "processed", chunk_count: 5 });
    expect(reader.asked).toEqual(["half"]);
    expect(await store.contents.findContentText(store.read, "cut")).toBe("kept");
  });

  test("another embedder embeds everything anew in the background; what it cannot stays as it was", async () => {
    await insert("a");
    await insert("b");
    const first = start();
    first.enqueue("a");
    first.enqueue("b");
    await ends("a");
    await ends("b");
    await first.close();
    let failed = false;
    const other = fakeEmbedder("other", () => {
      if (failed) return;
      failed = true;
      throw new OffstageError("bad_input", "Not this one.");
    });
    await start({ embedder: other }).resume();
    await eventually("b is embedded anew", async () => (await find("b"))?.embedder === "other");
    expect(await find("a")).toMatchObject({ status: "processed", embedder: "fake" });
    expect(await unembedded("b", "other")).toEqual([]);
  });

  test("a close in the middle leaves what is committed, and the rest for the next start", async () => {
    await insert("a");
    const running = start({
      reader: fakeReader(40),
      embedder: fakeEmbedder("fake", () => void running.close()),
    });
    running.enqueue("a");
    await eventually("it was cut", async () => (await find("a"))?.chunk_count === 40);
    await running.close();
    expect(await find("a")).toMatchObject({ status: "processing", error: null });
    await start().resume();
    expect(await ends("a")).toMatchObject({ status: "processed" });
  });
});
