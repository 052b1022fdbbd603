/** What is looked for, and where. */
export interface ChunkQuery {
  /** Words, as a person writes them; nothing in it is a search operator. */
  text: string;
  /** Of length 1, by `embedder`; null searches by words alone. */
  vector: Float32Array | null;
  embedder: string | null;
  /** Only chunks of these contents. */
  contentIds: readonly string[];
  limit: number;
}

/** A chunk that was found. */
export interface FoundChunk {
  id: number;
  contentId: string;
  position: number;
  page: number | null;
  headings: string[];
  startOffset: number;
  endOffset: number;
  tokenCount: number;
  text: string;
  /** By words and by vectors together; higher is better. What two searches of the same contents give can be added. */
  score: number;
  /** Cosine of the query's vector and the chunk's; null where either has none. */
  similarity: number | null;
}

/**
 * Finds chunks by words and by vectors together. The port that each database fills: the answers of two engines to one
 * query are as good as each other, not equal.
 */
export interface ChunkSearch {
  /** Best first, at most `limit`. Off the main thread. @throws OffstageError `unavailable`, `cancelled` */
  search(query: ChunkQuery, signal?: AbortSignal): Promise<FoundChunk[]>;
  close(): Promise<void>;
}
