import type { Database } from "../../../../db/database.ts";
import type { ChunkQuery, ChunkSearch, FoundChunk } from "../chunk-search.ts";
import { foundChunk, type StoredChunk, searchCancelled, searchClosed } from "../found-chunk.ts";
import { DEFAULT_FUSION, type FusionOptions, fuseScores } from "../score-fusion.ts";
import { MAX_MATCHES, rarestWords, rarityOf, searchedWords } from "../searched-words.ts";
import { decodeVector } from "../vector-bytes.ts";
import { cosine, sketchOf } from "../vector-sketch.ts";
import {
  chunksOf,
  contentsArray,
  countWords,
  matchWords,
  nearestSketches,
  vectorsOf,
} from "./search-statements.ts";

/** Chunks with the nearest sketches, whose exact cosines decide. */
const SKETCH_CANDIDATES = 800;

/** Searches a PostgreSQL database by its scans: the server there does the work, exact cosines are taken here. */
export class PostgresChunkSearch implements ChunkSearch {
  readonly #database: Pick<Database, "scan">;
  readonly #fusion: FusionOptions;
  readonly #closing = new AbortController();

  /** The database stays the caller's. */
  constructor(database: Pick<Database, "scan">, fusion: Partial<FusionOptions> = {}) {
    this.#database = database;
    this.#fusion = { ...DEFAULT_FUSION, ...fusion };
  }

  async search(query: ChunkQuery, signal?: AbortSignal): Promise<FoundChunk[]> {
    if (this.#closing.signal.aborted) throw searchClosed();
    if (signal?.aborted) throw searchCancelled(signal);
    if (query.contentIds.length === 0 || query.limit < 1) return [];
    const ended = Promise.withResolvers<never>();
    const cancel = () => ended.reject(searchCancelled(signal));
    const close = () => ended.reject(searchClosed());
    signal?.addEventListener("abort", cancel, { once: true });
    this.#closing.signal.addEventListener("abort", close, { once: true });
    try {
      return await Promise.race([this.#search(query), ended.promise]);
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#closing.signal.removeEventListener("abort", close);
    }
  }

  /** Queries under way are rejected with `unavailable`; what they asked of the database ends by itself. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #search({ text, embedder, contentIds, limit, vector }: ChunkQuery): Promise<FoundChunk[]> {
    const contents = contentsArray([...new Set(contentIds)]);
    const asked = vector === null || embedder === null ? null : { vector, embedder };
    const [coverages, nearest] = await Promise.all([
      this.#matching(text, contents),
      asked === null ? [] : this.#nearest(asked, contents),
    ]);
    const cosines = new Map(nearest);
    if (asked !== null) {
      const others = [...coverages.keys()].filter((id) => !cosines.has(id));
      for (const [id, value] of await this.#cosines(asked, others)) cosines.set(id, value);
    }
    const best = fuseScores(coverages, cosines, this.#fusion).slice(0, limit);
    const rows = await this.#rows(best.map(({ id }) => id));
    return best.flatMap(({ id, score }) => {
      const row = rows.get(id);
      return row === undefined ? [] : [foundChunk(row, score, cosines.get(id) ?? null)];
    });
  }

  /** The chunks that hold words of the text: the best, each with its share of what all the words could score. */
  async #matching(text: string, contents: string): Promise<Map<number, number>> {
    const words = await this.#weigh(searchedWords(text).map(withoutMarks));
    if (words.length === 0) return new Map();
    const highest = words.reduce((sum, { weight }) => sum + weight, 0);
    const rows = await this.#database.scan(matchWords, {
      words: JSON.stringify(words),
      contents,
      limit: this.#fusion.candidateCount,
    });
    return new Map(rows.map(({ id, score }) => [id, score / highest]));
  }

  /** The words that are in few chunks, as many as together match no more than can be ranked, by their rarity. */
  async #weigh(words: readonly string[]): Promise<{ word: string; weight: number }[]> {
    if (words.length === 0) return [];
    const counted = await this.#database.scan(countWords, {
      words: JSON.stringify(words),
      limit: MAX_MATCHES,
    });
    return rarestWords(counted).map((word) => ({
      word: word.word,
      weight: rarityOf(word, word.chunk_count),
    }));
  }

  /** The chunks whose vectors are nearest, with their cosines. */
  async #nearest({ vector, embedder }: Asked, contents: string): Promise<[id: number, cosine: number][]> {
    const candidates = await this.#database.scan(nearestSketches, {
      embedder,
      bytes: vector.byteLength,
      sketch: `x${Buffer.from(sketchOf(vector)).toString("hex")}`,
      contents,
      limit: SKETCH_CANDIDATES,
    });
    return cosinesOf(candidates, vector)
      .sort(([a, nearA], [b, nearB]) => nearB - nearA || a - b)
      .slice(0, this.#fusion.candidateCount);
  }

  async #cosines({ vector, embedder }: Asked, ids: readonly number[]): Promise<[number, number][]> {
    if (ids.length === 0) return [];
    const rows = await this.#database.scan(vectorsOf, {
      embedder,
      bytes: vector.byteLength,
      ids: JSON.stringify(ids),
    });
    return cosinesOf(rows, vector);
  }

  async #rows(ids: readonly number[]): Promise<Map<number, StoredChunk>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#database.scan(chunksOf, { ids: JSON.stringify(ids) });
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface Asked {
  vector: Float32Array;
  embedder: string;
}

function cosinesOf(
  rows: readonly { chunk_id: number; vector: Uint8Array }[],
  vector: Float32Array,
): [number, number][] {
  return rows.map((row) => [row.chunk_id, cosine(vector, decodeVector(row.vector))]);
}

/** As the index has words: without the marks on letters. */
const withoutMarks = (word: string) => word.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
