const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about after again all also am an and any are aren as at be because been before being between both but by
  can could couldn d did didn do does doesn doing don down during each few for from further had hadn has hasn have
  haven having he her here hers him his how i if in into is isn it its just ll m me more most my no nor not of off on
  once only or other our out over own please re s same shall she should shouldn so some such t tell than that the
  their them then there these they this those through to too under until up us ve very was wasn we were weren what
  when where which while who whom whose why will with won would wouldn you your`.split(/\s+/),
);

/** Letters and digits with the marks on them: what an index of words counts as one word, more or less. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** The words of a text in lower case, in their order. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** The words that say what a text is about: without English words that only hold sentences together. */
export function contentWordsOf(text: string): string[] {
  return wordsOf(text).filter((word) => !STOP_WORDS.has(word));
}
