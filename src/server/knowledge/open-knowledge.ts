import { join } from "node:path";
import type { Logger } from "pino";
import type { ServerConfig } from "../config.ts";
import type { Store } from "../store/store.ts";
import { type BlobFolder, openBlobFolder } from "./blob-folder.ts";
import { createEmbedder } from "./embedding/create-embedder.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { createExtractor } from "./extraction/extractor.ts";
import { createIngestion } from "./ingestion/ingestion.ts";
import type { KnowledgeParts } from "./knowledge-parts.ts";
import type { ChunkSearch } from "./retrieval/chunk-search.ts";

/** What is tried again: an embedder that is away, a disk that is full. About half an hour in all. */
const RETRY = { retries: 6, minTimeout: 5_000, factor: 3, maxTimeout: 600_000 };

export interface KnowledgeOptions {
  config: Pick<ServerConfig, "dataDir" | "embedder" | "limits">;
  store: Store;
  search: ChunkSearch;
  log: Logger;
  nowSec: () => number;
  /** Instead of the one that `config` names. */
  embedder?: Embedder | null | undefined;
}

/** Opens what files and collections need. `close` lets go of all of it, the search included. */
export async function openKnowledge(
  options: KnowledgeOptions,
): Promise<KnowledgeParts & { close(): Promise<void> }> {
  const { config, store, search, log, nowSec } = options;
  const embedder =
    options.embedder === undefined
      ? createEmbedder(config.embedder, { dataDir: config.dataDir })
      : options.embedder;
  const blobs = await openBlobFolder(join(config.dataDir, "files"));
  await store.write((tx) => store.contents.deleteUnheldContents(tx));
  await deleteUnheldBlobs(blobs, store);
  const extractor = createExtractor({ maxFileBytes: config.limits.maxFileBytes });
  const ingestion = createIngestion({
    store,
    reader: {
      read: ({ hash, name, content_type: contentType }, signal) =>
        extractor.extract({ path: blobs.pathOf(hash), name, contentType }, signal),
      close: () => extractor.close(),
    },
    embedder,
    log,
    nowSec,
    retry: RETRY,
  });
  return {
    blobs,
    ingestion,
    search,
    embedder,
    async close() {
      await Promise.all([ingestion.close(), search.close()]);
    },
  };
}

/** A process that died between a row and its bytes leaves bytes that nothing names. */
async function deleteUnheldBlobs(blobs: BlobFolder, store: Store): Promise<void> {
  const held = new Set(await store.contents.listHashes(store.read));
  for (const hash of await blobs.hashes()) if (!held.has(hash)) await blobs.delete(hash);
}
