import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { openSqlite } from "../../src/db/sqlite.ts";
import type { Embedder } from "../../src/server/knowledge/embedding/embedder.ts";
import { createExtractor } from "../../src/server/knowledge/extraction/extractor.ts";
import { createIngestion } from "../../src/server/knowledge/ingestion/ingestion.ts";
import type { RequestedContent } from "../../src/server/knowledge/retrieval/requested-item.ts";
import { openStore } from "../../src/server/store/open-store.ts";
import type { Store } from "../../src/server/store/store.ts";
import type { RetrievalDocument } from "./retriever.ts";

/** Documents as our server has them once they are processed. */
export interface IngestedDocuments {
  databasePath: string;
  contents: RequestedContent[];
}

/**
 * Reads, cuts and embeds documents as our server does, into a database in an empty folder.
 * @throws Error that names a document which could not be processed
 */
export async function ingestDocuments(
  documents: readonly RetrievalDocument[],
  { embedder, folder }: { embedder: Embedder; folder: string },
): Promise<IngestedDocuments> {
  const databasePath = join(folder, "offstage.sqlite");
  const store = openStore(await openSqlite({ path: databasePath }));
  try {
    const contents: RequestedContent[] = [];
    for (const document of documents) contents.push(await insertContent(store, folder, document));
    await processContents(store, folder, contents, embedder);
    return { databasePath, contents };
  } finally {
    await store.close();
  }
}

async function insertContent(
  store: Store,
  folder: string,
  { name, contentType, bytes }: RetrievalDocument,
): Promise<RequestedContent> {
  const hash = createHash("sha256").update(bytes).digest("hex");
  await writeFile(join(folder, hash), bytes);
  await store.write((tx) =>
    store.contents.insertContent(tx, {
      id: hash,
      hash,
      name,
      content_type: contentType,
      size_bytes: bytes.length,
      status: "processing",
      error: null,
      page_count: null,
      chunk_count: null,
      embedder: null,
      created_at_sec: 0,
      processed_at_sec: null,
      text: null,
    }),
  );
  return { contentId: hash, fileId: hash, name, hash };
}

async function processContents(
  store: Store,
  folder: string,
  contents: readonly RequestedContent[],
  embedder: Embedder,
): Promise<void> {
  const extractor = createExtractor();
  const ingestion = createIngestion({
    store,
    reader: {
      read: ({ hash, name, content_type: contentType }, signal) =>
        extractor.extract({ path: join(folder, hash), name, contentType }, signal),
      close: () => extractor.close(),
    },
    // The embedder outlives the ingestion, which closes its own.
    embedder: { name: embedder.name, embed: embedder.embed, close: async () => {} },
    log: pino({ level: "silent" }),
    nowMs: () => 0 * 1_000,
    owner: "test",
    retry: { retries: 0, minTimeout: 0, maxTimeout: 0, factor: 1 },
  });
  const ended = new AbortController();
  try {
    for (const { contentId, name } of contents) {
      const changes = ingestion.changes(contentId, ended.signal)[Symbol.asyncIterator]();
      ingestion.enqueue(contentId);
      for (;;) {
        await changes.next();
        const content = await store.contents.findContent(store.read, contentId);
        if (content?.status === "error") throw new Error(`${name}: ${content.error}`);
        if (content?.status === "processed") break;
      }
    }
  } finally {
    ended.abort();
    await ingestion.close();
  }
}
