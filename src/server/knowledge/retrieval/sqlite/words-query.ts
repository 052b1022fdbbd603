import { contentWordsOf, wordsOf } from "../stop-words.ts";

/** Long words are rare ones: of a pasted page those are looked for that tell most. */
const MAX_WORDS = 16;

/** The words of a text that chunks are looked for by: without those that only hold sentences together, if there are others. */
export function searchedWords(text: string): string[] {
  const telling = contentWordsOf(text);
  const words = [...new Set(telling.length > 0 ? telling : wordsOf(text))];
  return words.length > MAX_WORDS ? words.sort((a, b) => b.length - a.length).slice(0, MAX_WORDS) : words;
}

/** An FTS5 query for what holds any of the words; in quotation marks, where nothing is an operator. */
export function anyWordQuery(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(" OR ");
}

/** A word, and how many chunks hold it. */
export interface CountedWord {
  word: string;
  count: number;
}

/** How much the times that a chunk holds a word can add, at most: FTS5's `k1` and one. */
const MAX_FREQUENCY_FACTOR = 2.2;
/** What FTS5 takes for the weight of a word that is in half of all chunks or more. */
const LEAST_WEIGHT = 1e-6;

/** What FTS5's `bm25` would come to, its sign left out, for a chunk that was nothing but these words. */
export function highestBm25(words: readonly CountedWord[], chunkCount: number): number {
  const weights = words.map(({ count }) =>
    Math.max(LEAST_WEIGHT, Math.log((chunkCount - count + 0.5) / (count + 0.5))),
  );
  return MAX_FREQUENCY_FACTOR * weights.reduce((sum, weight) => sum + weight, 0);
}
