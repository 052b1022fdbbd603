import { join } from "node:path";
import type { Logger } from "pino";
import type { ServerConfig } from "../config.ts";
import type { NodeLink } from "../nodes/node-link.ts";
import type { Store } from "../store/store.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { type BlobFolder, openBlobFolder } from "./blob-folder.ts";
import { createEmbedder } from "./embedding/create-embedder.ts";
import type { Embedder } from "./embedding/embedder.ts";
import { createExtractor } from "./extraction/extractor.ts";
import { createIngestion, type Ingestion } from "./ingestion/ingestion.ts";
import type { KnowledgeParts } from "./knowledge-parts.ts";
import type { ChunkSearch } from "./retrieval/chunk-search.ts";
import { shareBlobs } from "./shared-blobs.ts";

/** What is tried again: an embedder that is away, a disk that is full. About half an hour in all. */
const RETRY = { retries: 6, minTimeout: 5_000, factor: 3, maxTimeout: 600_000 };
/** How often a server that shares its database looks for what a server that is gone left unfinished. */
const LOOK_EVERY_MS = 10_000;
/** No upload takes longer: what was being stored then belongs to nobody. */
const UPLOAD_SEC = 24 * 3600;

export interface KnowledgeOptions {
  config: Pick<ServerConfig, "dataDir" | "embedder" | "limits">;
  store: Store;
  search: ChunkSearch;
  log: Logger;
  nowMs: () => number;
  /** Names this server in claims. */
  owner: string;
  link: NodeLink;
  tracing: Tracing;
  /** Instead of the one that `config` names. */
  embedder?: Embedder | null | undefined;
}

/** Opens what files and collections need. `close` lets go of all of it, the search included. */
export async function openKnowledge(
  options: KnowledgeOptions,
): Promise<KnowledgeParts & { close(): Promise<void> }> {
  const { config, store, search, log, nowMs, owner, link } = options;
  const embedder =
    options.embedder === undefined
      ? createEmbedder(config.embedder, { dataDir: config.dataDir })
      : options.embedder;
  const folder = await openBlobFolder(join(config.dataDir, "files"));
  await store.write((tx) => store.contents.deleteUnheldContents(tx));
  await deleteUnheldBlobs(folder, store);
  const nowSec = () => Math.floor(nowMs() / 1000);
  if (store.isShared) {
    await store.write((tx) => store.blobs.deleteUnnamedSets(tx, nowSec() - UPLOAD_SEC));
    await deleteUnheldSharedBlobs(store);
  }
  const blobs = store.isShared
    ? shareBlobs(folder, { store, nowSec, onDelete: (hash) => link.tell({ type: "blob-deleted", hash }) })
    : folder;
  link.on("blob-deleted", ({ hash }) => {
    deleteUnheldBlob(folder, store, hash).catch((error: unknown) =>
      log.warn({ err: error, hash }, "the copy of a deleted file could not be deleted"),
    );
  });
  const extractor = createExtractor({ maxFileBytes: config.limits.maxFileBytes });
  const ingestion = createIngestion({
    store,
    reader: {
      read: async ({ hash, name, content_type: contentType }, signal) =>
        extractor.extract({ path: await blobs.locate(hash), name, contentType }, signal),
      close: () => extractor.close(),
    },
    embedder,
    log,
    nowMs,
    owner,
    tracing: options.tracing,
    onChange: (contentId, progress) => link.tell({ type: "content-changed", contentId, progress }),
    retry: RETRY,
  });
  link.on("content-changed", ({ contentId, progress }) => ingestion.heed(contentId, progress));
  const looking = store.isShared ? setInterval(() => takeUp(ingestion, log), LOOK_EVERY_MS) : undefined;
  return {
    blobs,
    ingestion,
    search,
    embedder,
    async close() {
      clearInterval(looking);
      await Promise.all([ingestion.close(), search.close()]);
    },
  };
}

function takeUp(ingestion: Ingestion, log: Logger): void {
  ingestion
    .takeUp()
    .catch((error: unknown) => log.warn({ err: error }, "unfinished files could not be looked for"));
}

/** A process that died between a row and its bytes leaves bytes that nothing names. */
async function deleteUnheldBlobs(folder: BlobFolder, store: Store): Promise<void> {
  const held = new Set(await store.contents.listHashes(store.read));
  for (const hash of await folder.hashes()) if (!held.has(hash)) await folder.delete(hash);
}

/** The same for bytes in the database, which a content that is deleted now may have left too. */
async function deleteUnheldSharedBlobs(store: Store): Promise<void> {
  for (const hash of await store.blobs.listUnheld(store.read)) {
    await store.write(async (tx) => {
      const setId = await store.blobs.findSet(tx, hash);
      if (setId === undefined || (await store.contents.isHashHeld(tx, hash))) return;
      await store.blobs.deleteBlob(tx, hash);
      await store.blobs.deleteSet(tx, setId);
    });
  }
}

/** Another upload of the same bytes may have kept them again. */
async function deleteUnheldBlob(folder: BlobFolder, store: Store, hash: string): Promise<void> {
  await folder.exclusively(hash, async () => {
    if (!(await store.contents.isHashHeld(store.read, hash))) await folder.delete(hash);
  });
}
