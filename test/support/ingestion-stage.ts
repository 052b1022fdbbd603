import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openSqlite } from "../../src/db/sqlite.ts";
import type { Chunk } from "../../src/server/knowledge/document.ts";
import { createIngestion, type Ingestion } from "../../src/server/knowledge/ingestion/ingestion.ts";
import type { ChunkEmbedder, IngestionParts } from "../../src/server/knowledge/ingestion/ingestion-parts.ts";
import { openStore } from "../../src/server/store/open-store.ts";
import type { ContentFacts, Store } from "../../src/server/store/store.ts";
import { eventually } from "./eventually.ts";

/** So many short chunks; the first stands under a heading. */
export function chunks(count: number): Chunk[] {
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
export function fakeReader(count = 3, read?: (content: ContentFacts) => unknown) {
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
export function fakeEmbedder(
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

/** A store on an empty folder, and ingestions of what is in it. */
export interface IngestionStage {
  store: Store;
  /** With fakes for whatever is left out; two tries again, without pauses. */
  start(parts?: Partial<Pick<IngestionParts, "store" | "reader" | "embedder">>): Ingestion;
  /** A content that is to be processed. */
  insert(id: string): Promise<void>;
  find(id: string): Promise<ContentFacts | undefined>;
  /** Resolves with a content once it is processed, or failed. */
  ends(id: string): Promise<ContentFacts>;
  unembedded(contentId: string, embedder?: string): ReturnType<Store["chunks"]["listUnembedded"]>;
  /** Ends all ingestions, and deletes the folder. */
  close(): Promise<void>;
}

export async function openIngestionStage(): Promise<IngestionStage> {
  const folder = await mkdtemp(join(tmpdir(), "offstage-ingestion-"));
  const store = openStore(await openSqlite({ path: join(folder, "test.sqlite") }));
  const started: Ingestion[] = [];
  const find = (id: string) => store.contents.findContent(store.read, id);
  return {
    store,
    start(parts) {
      const ingestion = createIngestion({
        store,
        reader: fakeReader(),
        embedder: fakeEmbedder(),
        log: pino({ level: "silent" }),
        nowMs: () => 7_000,
        owner: "test",
        retry: { retries: 2, minTimeout: 0, maxTimeout: 0, factor: 1 },
        ...parts,
      });
      started.push(ingestion);
      return ingestion;
    },
    insert: (id) =>
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
      ),
    find,
    ends: (id) =>
      eventually(`${id} is processed, or failed`, async () => {
        const content = await find(id);
        return content?.status === "processing" ? undefined : content;
      }),
    unembedded: (contentId, embedder = "fake") =>
      store.chunks.listUnembedded(store.read, { contentId, embedder, limit: 1_000 }),
    async close() {
      await Promise.all(started.map((ingestion) => ingestion.close()));
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
