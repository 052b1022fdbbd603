import { SqliteConnection } from "../../../../db/sqlite-connection.ts";
import type { ChunkQuery, FoundChunk } from "../chunk-search.ts";
import { foundChunk, type StoredChunk } from "../found-chunk.ts";
import { type FusionOptions, fuseScores } from "../score-fusion.ts";
import { MAX_MATCHES, rarestWords, searchedWords } from "../searched-words.ts";
import { decodeVector } from "../vector-bytes.ts";
import { cosine, scoreSketches, sketchTable } from "../vector-sketch.ts";
import { type CachedContent, ContentCache } from "./content-cache.ts";
import { highestScores } from "./highest-scores.ts";
import { anyWordQuery, highestBm25 } from "./words-query.ts";

/** Chunks with the best sketches, whose exact cosines decide: enough that few of the nearest ten are missed. */
const SKETCH_CANDIDATES = 400;

/** Searches a database file on a connection of its own, in the thread that calls it. */
export class SqliteChunkIndex {
  readonly #connection: SqliteConnection;
  readonly #cache: ContentCache;
  readonly #fusion: FusionOptions;

  constructor(path: string, fusion: FusionOptions) {
    this.#connection = new SqliteConnection(path, { readOnly: true });
    this.#cache = new ContentCache(this.#connection);
    this.#fusion = fusion;
  }

  /** Best first; all of it is seen as of one moment. */
  search(query: ChunkQuery): FoundChunk[] {
    this.#connection.command("begin");
    try {
      return this.#search(query);
    } finally {
      this.#connection.command("commit");
    }
  }

  close(): void {
    this.#connection.close();
  }

  #search({ text, embedder, contentIds, limit, ...query }: ChunkQuery): FoundChunk[] {
    const vector = embedder === null ? null : query.vector;
    this.#cache.forgetChanged();
    const contents = [...new Set(contentIds)].map((id) =>
      this.#cache.find(id, embedder, vector?.length ?? 0),
    );
    const coverages = this.#matching(text, contents);
    const cosines =
      vector === null
        ? new Map<number, number>()
        : new Map([
            ...this.#nearest(vector, embedder, contents),
            ...this.#cosines([...coverages.keys()], vector, embedder),
          ]);
    const best = fuseScores(coverages, cosines, this.#fusion).slice(0, limit);
    const rows = this.#rows(best.map(({ id }) => id));
    return best.flatMap(({ id, score }) => {
      const row = rows.get(id);
      return row === undefined ? [] : [foundChunk(row, score, cosines.get(id) ?? null)];
    });
  }

  /** The chunks whose vectors are nearest, with their cosines. */
  #nearest(
    vector: Float32Array,
    embedder: string | null,
    contents: readonly CachedContent[],
  ): [id: number, cosine: number][] {
    const scores = new Float64Array(contents.reduce((sum, { sketched }) => sum + sketched.length, 0));
    const table = sketchTable(vector);
    const ids = new Float64Array(scores.length);
    let offset = 0;
    for (const { sketched, sketches } of contents) {
      scoreSketches(table, sketches, scores, offset);
      ids.set(sketched, offset);
      offset += sketched.length;
    }
    const candidates = highestScores(scores, SKETCH_CANDIDATES)
      .slice(0, 2 * SKETCH_CANDIDATES)
      .map((place) => ids[place]!);
    return [...this.#cosines(candidates, vector, embedder)]
      .sort(([a, nearA], [b, nearB]) => nearB - nearA || a - b)
      .slice(0, this.#fusion.candidateCount);
  }

  /** The chunks that hold words of the text: the best, each with its share of what all the words could score. */
  #matching(text: string, contents: readonly CachedContent[]): Map<number, number> {
    const words = rarestWords(searchedWords(text).map((word) => ({ word, count: this.#countMatches(word) })));
    if (words.length === 0) return new Map();
    const highest = highestBm25(words, this.#countChunks());
    const inScope = idSet(contents);
    // SQL would be slower to sort these than to hand them over, and far slower to check their contents.
    const matches = this.#connection
      .allRows(
        "select rowid as id, bm25(chunk_words, ?, 1) as rank from chunk_words where chunk_words match ?",
        [this.#fusion.headingWeight, anyWordQuery(words.map(({ word }) => word))],
      )
      .filter((row) => inScope.has((row as Match).id)) as Match[];
    const scores = Float64Array.from(matches, ({ rank }) => -rank / highest);
    return new Map(
      highestScores(scores, this.#fusion.candidateCount)
        .slice(0, this.#fusion.candidateCount)
        .map((place) => [matches[place]!.id, scores[place]!]),
    );
  }

  #countChunks(): number {
    const [row] = this.#connection.allRows("select count(*) as count from chunk", []) as { count: number }[];
    return row!.count;
  }

  /** Counts no further than matters. */
  #countMatches(word: string): number {
    const [row] = this.#connection.allRows(
      "select count(*) as count from (select 1 from chunk_words where chunk_words match ? limit ?)",
      [anyWordQuery([word]), MAX_MATCHES],
    ) as { count: number }[];
    return row!.count;
  }

  #cosines(ids: readonly number[], vector: Float32Array, embedder: string | null): Map<number, number> {
    const rows = this.#connection.allRows(
      `select chunk_id, vector from chunk_vector
        where chunk_id in (select value from json_each(?)) and embedder = ? and length(vector) = ?`,
      [JSON.stringify(ids), embedder, vector.byteLength],
    ) as { chunk_id: number; vector: Uint8Array }[];
    return new Map(rows.map((row) => [row.chunk_id, cosine(vector, decodeVector(row.vector))]));
  }

  #rows(ids: readonly number[]): Map<number, StoredChunk> {
    const rows = this.#connection.allRows(
      `select id, content_id, position, page, start_offset, end_offset, token_count, headings_json, text
        from chunk where id in (select value from json_each(?))`,
      [JSON.stringify(ids)],
    ) as StoredChunk[];
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface Match {
  id: number;
  /** As FTS5 has it: lower is better. */
  rank: number;
}

/** A set of ids below 2^32 in one bit each: a `Set` of all ids would take longer to fill than the search takes. */
function idSet(contents: readonly CachedContent[]): { has(id: number): boolean } {
  let highest = 0;
  for (const { ids } of contents) for (const id of ids) if (id > highest) highest = id;
  const bits = new Uint8Array((highest >>> 3) + 1);
  for (const { ids } of contents) for (const id of ids) bits[id >>> 3]! |= 1 << (id & 7);
  return { has: (id) => id <= highest && (bits[id >>> 3]! & (1 << (id & 7))) !== 0 };
}
