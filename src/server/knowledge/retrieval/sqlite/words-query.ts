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
