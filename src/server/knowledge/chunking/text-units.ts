/** The smallest parts that chunks are put together from: in order, without gaps, the white space after each included. */
export interface TextUnit {
  start: number;
  end: number;
  tokenCount: number;
  /** Whether it is a whole sentence or line, not a part of one that is too long. */
  isWhole: boolean;
  /** Cut within a word: beside another it might have more tokens than both together, so it stays alone. */
  isAlone: boolean;
}

export interface UnitOptions {
  /** Of a text by itself; a text never has more than its sentences, lines and words have together. */
  countTokens: (text: string) => number;
  /** At least what a single character may have. */
  maxTokens: number;
}

/** Text longer than this for each token is split without being counted first. */
const MAX_CHARS_PER_TOKEN = 32;

/** How a text that is too long is split, the more often the finer; then into halves. */
const SPLITS = [lines, words, pieces];

/** Of a text that sentences are looked for in at once: each copy of it holds its caller up. */
const WINDOW_CHARS = 16_384;

const sentenceSegmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * The sentences of prose, or the lines of anything else, from `start` to `end` of a text. One that has too many tokens
 * is split into lines, then words, then pieces of words. Each character is counted a bounded number of times.
 */
export function* textUnits(
  text: string,
  { start, end, isProse }: { start: number; end: number; isProse: boolean },
  options: UnitOptions,
): Generator<TextUnit> {
  const range = text.slice(start, end);
  let unitStart = start;
  for (const part of isProse ? sentences(range) : lines(range)) {
    for (const { length, ...unit } of fittingUnits(part, 0, options)) {
      yield { ...unit, start: unitStart, end: unitStart + length };
      unitStart += length;
    }
  }
}

type UnitOfLength = Omit<TextUnit, "start" | "end"> & { length: number };

/** @param depth how often the text was split already */
function* fittingUnits(text: string, depth: number, options: UnitOptions): Generator<UnitOfLength> {
  if (text.length <= options.maxTokens * MAX_CHARS_PER_TOKEN) {
    const tokenCount = options.countTokens(text);
    if (tokenCount <= options.maxTokens) {
      yield { length: text.length, tokenCount, isWhole: depth === 0, isAlone: depth >= SPLITS.length };
      return;
    }
  }
  const split = SPLITS[depth] ?? halves;
  for (const part of split(text, options.maxTokens)) yield* fittingUnits(part, depth + 1, options);
}

/** A window at a time, the last sentence of which may go on in the next. */
function* sentences(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = characterBorder(text, start + WINDOW_CHARS);
    // A line break within a paragraph ends no sentence, but the segmenter takes it for one that does.
    const window = text.slice(start, end).replaceAll("\n", " ");
    const lengths = Array.from(sentenceSegmenter.segment(window), ({ segment }) => segment.length);
    if (end < text.length && lengths.length > 1) lengths.pop();
    for (const length of lengths) {
      yield text.slice(start, start + length);
      start += length;
    }
  }
}

function* lines(text: string): Generator<string> {
  for (const [line] of text.matchAll(/[^\n]*\n+|[^\n]+$/g)) yield line;
}

function* words(text: string): Generator<string> {
  for (const [word] of text.matchAll(/\s*\S+\s*|\s+/g)) yield word;
}

/** As many characters as there may be tokens: about as many tokens at most. */
function* pieces(text: string, maxTokens: number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = characterBorder(text, start + maxTokens);
    yield text.slice(start, end);
    start = end;
  }
}

function halves(text: string): string[] {
  const middle = characterBorder(text, Math.ceil(text.length / 2));
  if (middle >= text.length) throw new RangeError("maxTokens is less than what one character has.");
  return [text.slice(0, middle), text.slice(middle)];
}

/** The first place from `index` on that is not within a surrogate pair. */
function characterBorder(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index + 1 : index;
}
