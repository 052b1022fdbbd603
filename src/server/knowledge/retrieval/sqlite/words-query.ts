import { type CountedWord, rarityOf } from "../searched-words.ts";

/** An FTS5 query for what holds any of the words; in quotation marks, where nothing is an operator. */
export function anyWordQuery(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(" OR ");
}

/** How much the times that a chunk holds a word can add, at most: FTS5's `k1` and one. */
const MAX_FREQUENCY_FACTOR = 2.2;

/** What FTS5's `bm25` would come to, its sign left out, for a chunk that was nothing but these words. */
export function highestBm25(words: readonly CountedWord[], chunkCount: number): number {
  return MAX_FREQUENCY_FACTOR * words.reduce((sum, word) => sum + rarityOf(word, chunkCount), 0);
}
