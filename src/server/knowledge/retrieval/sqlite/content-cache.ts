import { LRUCache } from "lru-cache";
import type { SqliteConnection } from "../../../../db/sqlite-connection.ts";
import { sketchBytes } from "../vector-sketch.ts";

/** About 64 bytes a chunk with vectors of 384 numbers: 26 MB when full. */
const MAX_CHUNKS = 400_000;

/** What is kept in memory of a content. */
export interface CachedContent {
  readonly embedder: string | null;
  /** How long the vectors are; others are as if they were not there. */
  readonly dimensions: number;
  /** All its chunks, in no order. */
  readonly ids: Float64Array;
  /** Those that have such a vector; a sketch stands for each, in this order. */
  readonly sketched: Float64Array;
  readonly sketches: Uint8Array;
}

/**
 * The contents that were searched last, each for one embedder. They are read from the database when they are first asked
 * for, and again once their chunks or vectors have changed. Use it within one transaction: `forgetChanged`, then `find`.
 */
export class ContentCache {
  readonly #connection: SqliteConnection;
  readonly #contents = new LRUCache<string, CachedContent>({
    maxSize: MAX_CHUNKS,
    sizeCalculation: ({ ids }) => ids.length + 1,
  });
  /** All changes up to this number have been taken into account. */
  #seen = 0;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  forgetChanged(): void {
    const changes = this.#connection.allRows(
      "select number, content_id from chunk_change where number > ? order by number",
      [this.#seen],
    ) as { number: number; content_id: string }[];
    for (const { number, content_id } of changes) {
      this.#seen = number;
      this.#contents.delete(content_id);
    }
  }

  /** Without an embedder, whatever is kept of the content's vectors. */
  find(contentId: string, embedder: string | null, dimensions: number): CachedContent {
    const kept = this.#contents.get(contentId);
    if (kept !== undefined) {
      if (embedder === null) return kept;
      if (kept.embedder === embedder && kept.dimensions === dimensions) return kept;
    }
    const read = this.#read(contentId, embedder, dimensions);
    this.#contents.set(contentId, read);
    return read;
  }

  #read(contentId: string, embedder: string | null, dimensions: number): CachedContent {
    const rows = this.#connection.allRows(
      `select id, sketch from chunk
        left join chunk_vector on chunk_id = id and embedder = ? and length(vector) = ?
        where content_id = ?`,
      [embedder, dimensions * Float32Array.BYTES_PER_ELEMENT, contentId],
    ) as { id: number; sketch: Uint8Array | null }[];
    const sketched = rows.filter(({ sketch }) => sketch !== null);
    const bytes = sketchBytes(dimensions);
    const sketches = new Uint8Array(sketched.length * bytes);
    for (const [index, { sketch }] of sketched.entries()) sketches.set(sketch!, index * bytes);
    return {
      embedder,
      dimensions,
      ids: Float64Array.from(rows, ({ id }) => id),
      sketched: Float64Array.from(sketched, ({ id }) => id),
      sketches,
    };
  }
}
