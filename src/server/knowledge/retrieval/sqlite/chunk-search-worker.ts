import { parentPort, workerData } from "node:worker_threads";
import { asOffstageError, type ErrorCode } from "../../../../errors.ts";
import type { ChunkQuery, FoundChunk } from "../chunk-search.ts";
import type { FusionOptions } from "../score-fusion.ts";
import { SqliteChunkIndex } from "./sqlite-chunk-index.ts";

/** What this thread is started with. */
export interface ChunkSearchWorkerData {
  path: string;
  fusion: FusionOptions;
}

/** What became of a query: what was found, or what an OffstageError is rebuilt from. */
export type ChunkSearchReply =
  | { found: FoundChunk[] }
  | { code: ErrorCode; message: string; details: Record<string, unknown> };

const { path, fusion } = workerData as ChunkSearchWorkerData;
const index = new SqliteChunkIndex(path, fusion);

parentPort?.on("message", (query: ChunkQuery) => parentPort?.postMessage(answer(query)));

function answer(query: ChunkQuery): ChunkSearchReply {
  try {
    return { found: index.search(query) };
  } catch (thrown) {
    const { code, message, details } = asOffstageError(thrown);
    return { code, message, details };
  }
}
