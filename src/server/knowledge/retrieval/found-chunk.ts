import type { ChunkTable } from "../../../db/schema.ts";
import { OffstageError } from "../../../errors.ts";
import type { FoundChunk } from "./chunk-search.ts";

/** A chunk as it is stored. */
export type StoredChunk = Omit<ChunkTable, "id"> & { id: number };

export function foundChunk(row: StoredChunk, score: number, similarity: number | null): FoundChunk {
  return {
    id: row.id,
    contentId: row.content_id,
    position: row.position,
    page: row.page,
    headings: JSON.parse(row.headings_json),
    startOffset: row.start_offset,
    endOffset: row.end_offset,
    tokenCount: row.token_count,
    text: row.text,
    score,
    similarity,
  };
}

/** What a query of a closed search is rejected with. */
export function searchClosed(): OffstageError {
  return new OffstageError("unavailable", "The search is closed.", { retryable: false });
}

/** What a query is rejected with when its signal is aborted. */
export function searchCancelled(signal: AbortSignal | undefined): OffstageError {
  return new OffstageError("cancelled", "The search was cancelled.", { cause: signal?.reason });
}
