import type { Blobs } from "./blob-folder.ts";
import type { Ingestion } from "./ingestion/ingestion.ts";
import type { ChunkSearch } from "./retrieval/chunk-search.ts";
import type { QuestionEmbedder } from "./retrieval/retrieve.ts";

/** What files and collections need, beside the store. */
export interface KnowledgeParts {
  readonly blobs: Blobs;
  readonly ingestion: Ingestion;
  readonly search: ChunkSearch;
  /** Null where questions and chunks meet by words alone. */
  readonly embedder: QuestionEmbedder | null;
}
