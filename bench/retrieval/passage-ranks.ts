import type { RelevantPassage } from "./judged-set.ts";
import type { PassageRanks } from "./measures.ts";
import type { FoundPassage } from "./retriever.ts";

/** Words that a reader of tables may put between two cells: the name of the second cell's column. */
const MAX_WORDS_BETWEEN = 4;
/** So many of a short quote must be there, since half of three words could stand anywhere. */
const MIN_WORDS = 4;

/** For each passage the place of the first result, from the same document, that holds its quote. */
export function passageRanks(
  passages: readonly RelevantPassage[],
  found: readonly FoundPassage[],
): PassageRanks {
  return passages.map(({ document, quote }) => {
    const rank = found.findIndex((result) => result.document === document && holdsQuote(result.text, quote));
    return rank === -1 ? null : rank;
  });
}

/**
 * Whether a text holds the quote or at least half of it, word for word: how the text was extracted and where it was cut
 * does not matter, nor do case, punctuation, markup, and names of columns between a table's cells.
 */
export function holdsQuote(text: string, quote: string): boolean {
  const wanted = wordsOf(quote);
  const needed = Math.max(Math.ceil(wanted.length / 2), Math.min(wanted.length, MIN_WORDS));
  return longestRun(wordsOf(text), wanted) >= needed;
}

/** The most consecutive words of `wanted` that stand in `words` in this order, with little in between. */
function longestRun(words: readonly string[], wanted: readonly string[]): number {
  let longest = 0;
  /** For each of the last words, the length of the run that ends there with the wanted word of each index. */
  const recent: number[][] = [];
  for (const word of words) {
    const runs = wanted.map((wantedWord, index) => {
      if (wantedWord !== word) return 0;
      return 1 + Math.max(0, ...recent.map((before) => before[index - 1] ?? 0));
    });
    longest = Math.max(longest, ...runs);
    recent.push(runs);
    if (recent.length > MAX_WORDS_BETWEEN + 1) recent.shift();
  }
  return longest;
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
