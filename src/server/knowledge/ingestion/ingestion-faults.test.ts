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
import type { Store } from "../../store/store.ts";
import type { ChunkEmbedder } from "./ingestion-parts.ts";

let stage: IngestionStage;
let { store, start, insert, find, ends, unembedded } = {} as IngestionStage;

beforeEach(async () => {
  stage = await openIngestionStage();
  ({ store, start, insert, find, ends, unembedded } = stage);
});
afterEach(() => stage.close());

const away = () => new OffstageError("unreachable", "The embedder is away.");

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

  test("because the disk is full is tried again, and says why where nothing can be stored", async () => {
    await insert("a");
    const full = new OffstageError("storage_full", "The disk is full.");
    let isFull = true;
    const write = store.write;
    const filled: Store = {
      ...store,
      read: store.read,
      write: (work) => (isFull ? Promise.reject(full) : write(work)),
    };
    const running = start({ store: filled });
    const gone = new AbortController();
    const changes = running.changes("a", gone.signal);
    running.enqueue("a");
    for await (const _ of changes) {
      if (running.delayOf("a") === null) break;
      expect(running.delayOf("a")).toBe("The disk is full.");
      expect(await find("a")).toMatchObject({ status: "processing", error: null });
      isFull = false;
    }
    expect(isFull).toBe(false);
    expect(await ends("a")).toMatchObject({ status: "processed", error: null });
    expect(await unembedded("a")).toEqual([]);
  });

  test("because it was deleted and sent again meanwhile puts no vector on what took its chunks' place", async () => {
    await insert("a");
    await insert("other");
    const texts: string[] = [];
    let calls = 0;
    const embedder: ChunkEmbedder = {
      name: "fake",
      async embed(batch) {
        calls += 1;
        texts.push(...batch);
        if (calls === 1) {
          await store.write(async (tx) => {
            await store.contents.deleteUnheldContent(tx, "a");
            await store.chunks.insertChunks(tx, "other", chunks(3));
          });
        }
        return batch.map(() => new Float32Array([1, 0]));
      },
      close: async () => {},
    };
    const running = start({ embedder });
    running.enqueue("a");
    await eventually("it was embedded in vain", () => calls === 1);
    await insert("a");
    running.enqueue("a");
    expect(await ends("a")).toMatchObject({ status: "processed", error: null });
    expect(await unembedded("other")).toHaveLength(3);
    expect(await unembedded("a")).toEqual([]);
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
