import type { Logger } from "pino";
import type { ContentFacts, Store } from "../../store/store.ts";
import type { Tracing } from "../../tracing/tracing.ts";
import type { CutDocument } from "../document.ts";

/** What a content's processing has come to. Counts are of chunks. */
export interface IngestionProgress {
  embedded: number;
  chunks: number;
}

/** Reads contents away from the server's thread. */
export interface ContentReader {
  /** @throws OffstageError `bad_input` where it cannot be read, ever; retryable ones where it may be later */
  read(content: ContentFacts, signal: AbortSignal): Promise<CutDocument>;
  close(): Promise<void>;
}

/** What embeds chunks; null where contents are found by words alone. */
export interface ChunkEmbedder {
  /** Stored with the vectors. */
  readonly name: string;
  /** Vectors of length 1, in order. @throws OffstageError */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** What an ingestion works with. */
export interface IngestionParts {
  store: Store;
  reader: ContentReader;
  embedder: ChunkEmbedder | null;
  log: Logger;
  nowMs: () => number;
  /** Names this server in claims. */
  owner: string;
  /** Without, none of it is told. */
  tracing?: Tracing;
  /** Tells other servers on the database of a change that is made here. */
  onChange?: (contentId: string, progress: IngestionProgress | null) => void;
  /** How often, and after which pauses, what may help is done again. */
  retry: { retries: number; minTimeout: number; maxTimeout: number; factor: number };
}
