import { contentWordsOf, wordsOf } from "./stop-words.ts";

/** Long words are rare ones: of a pasted page those are looked for that tell most. */
const MAX_WORDS = 16;
/** Ranking one match takes about 1.5 µs: words that are in more chunks than this together tell little, and cost much. */
export const MAX_MATCHES = 10_000;
/** The weight of a word that is in half of all chunks or more; FTS5's, too. */
const LEAST_WEIGHT = 1e-6;

/** The words of a text that chunks are looked for by: without those that only hold sentences together, if there are others. */
export function searchedWords(text: string): string[] {
  const telling = contentWordsOf(text);
  const words = [...new Set(telling.length > 0 ? telling : wordsOf(text))];
  return words.length > MAX_WORDS ? words.sort((a, b) => b.length - a.length).slice(0, MAX_WORDS) : words;
}

/** A word, and how many chunks hold it. */
export interface CountedWord {
  word: string;
  count: number;
}

/** The words that are in few chunks, as many as together match no more than can be ranked; at least one. */
export function rarestWords<Word extends CountedWord>(words: readonly Word[]): Word[] {
  let total = 0;
  return words
    .toSorted((a, b) => a.count - b.count)
    .filter(({ count }, place) => {
      total += count;
      return place === 0 || total <= MAX_MATCHES;
    });
}

/** How much a word tells, by its rarity, as bm25 has it. */
export function rarityOf({ count }: CountedWord, chunkCount: number): number {
  return Math.max(LEAST_WEIGHT, Math.log((chunkCount - count + 0.5) / (count + 0.5)));
}
