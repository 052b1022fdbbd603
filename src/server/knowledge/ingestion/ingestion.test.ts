import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../../../test/support/eventually.ts";
import {
  chunks,
  fakeEmbedder,
  fakeReader,
  type IngestionStage,
  openIngestionStage,
} from "../../../../test/support/ingestion-stage.ts";
import { OffstageError } from "../../../errors.ts";

let stage: IngestionStage;
let { store, start, insert, find, ends, unembedded } = {} as IngestionStage;

beforeEach(async () => {
  stage = await openIngestionStage();
  ({ store, start, insert, find, ends, unembedded } = stage);
});
afterEach(() => stage.close());

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
    const running = start({ embedder: missing });
    running.enqueue("a");
    expect(await ends("a")).toMatchObject({ status: "processed", embedder: null, error: null });
    await running.close();
    await start().resume();
    await eventually("it is embedded", async () => (await find("a"))?.embedder === "fake");
    expect(await unembedded("a")).toEqual([]);
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
