import type { FoundChunk } from "./chunk-search.ts";

/** A stretch of a content's text that answers draw on: one chunk, or several that adjoin. */
export interface Passage {
  contentId: string;
  /** UTF-16 units in the content's text. */
  startOffset: number;
  endOffset: number;
  text: string;
  /** The page that it begins on, from 1; null where there are no pages. */
  page: number | null;
  /** Those that its beginning stands under, outermost first. */
  headings: string[];
  /** An estimate where chunks were merged or cut. */
  tokenCount: number;
  /** Of its best chunk; comparable within one search only. */
  score: number;
  /** The highest of its chunks; null where none is known. */
  similarity: number | null;
}

export interface PassageBudget {
  maxTokens: number;
  maxPassages: number;
}

export const DEFAULT_BUDGET: PassageBudget = { maxTokens: 2000, maxPassages: 8 };
/** Given three passages, the demo model answers from the wrong one; given the best alone, it mostly copies from it. */
const DEMO_BUDGET: PassageBudget = { maxTokens: 400, maxPassages: 1 };

/** What a model can take: at most a quarter of its context, where that is known. */
export function budgetFor(model: { contextLength?: number; demo?: boolean }): PassageBudget {
  if (model.demo) return DEMO_BUDGET;
  const share = Math.floor((model.contextLength ?? Number.POSITIVE_INFINITY) / 4);
  return { ...DEFAULT_BUDGET, maxTokens: Math.min(DEFAULT_BUDGET.maxTokens, share) };
}

/**
 * The best of what was found, best first, within a budget. Chunks are taken in the order of their score; one that does
 * not fit is passed over. Adjoining ones become one passage, in which no text stands twice. The best chunk is always
 * there, cut at a word if it is too long by itself.
 */
export function selectPassages(found: readonly FoundChunk[], budget: Partial<PassageBudget> = {}): Passage[] {
  const { maxTokens, maxPassages } = { ...DEFAULT_BUDGET, ...budget };
  const [best, ...others] = found.toSorted((a, b) => b.score - a.score);
  if (best === undefined) return [];
  if (best.tokenCount > maxTokens) return [cut(passageOf(best), maxTokens)];
  let chosen = [best];
  let passages = mergeAdjoining(chosen);
  for (const chunk of others) {
    const more = mergeAdjoining([...chosen, chunk]);
    const tokens = more.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    if (tokens > maxTokens || more.length > maxPassages) continue;
    chosen = [...chosen, chunk];
    passages = more;
  }
  return passages.sort((a, b) => b.score - a.score);
}

function mergeAdjoining(chunks: readonly FoundChunk[]): Passage[] {
  const passages: Passage[] = [];
  let last: FoundChunk | undefined;
  const inOrder = chunks.toSorted((a, b) => compare(a.contentId, b.contentId) || a.position - b.position);
  for (const chunk of inOrder) {
    const adjoins = last?.contentId === chunk.contentId && last.position + 1 === chunk.position;
    if (adjoins) passages.push(join(passages.pop()!, chunk));
    else passages.push(passageOf(chunk));
    last = chunk;
  }
  return passages;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function passageOf(chunk: FoundChunk): Passage {
  const { contentId, startOffset, endOffset, text, page, headings, tokenCount, score, similarity } = chunk;
  return { contentId, startOffset, endOffset, text, page, headings, tokenCount, score, similarity };
}

function join(passage: Passage, next: FoundChunk): Passage {
  const overlap = Math.max(0, passage.endOffset - next.startOffset);
  // Chunks leave out nothing but blanks between them.
  const gap = "\n".repeat(Math.max(0, next.startOffset - passage.endOffset));
  const added = next.text.slice(overlap);
  const share = next.text.length === 0 ? 0 : added.length / next.text.length;
  return {
    ...passage,
    endOffset: Math.max(passage.endOffset, next.endOffset),
    text: passage.text + gap + added,
    tokenCount: passage.tokenCount + Math.ceil(next.tokenCount * share),
    score: Math.max(passage.score, next.score),
    similarity: highest(passage.similarity, next.similarity),
  };
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function cut(passage: Passage, maxTokens: number): Passage {
  const length = Math.floor((passage.text.length * maxTokens) / passage.tokenCount);
  const head = passage.text.slice(0, length);
  const text = head.replace(/\s+\S*$/u, "") || head;
  return {
    ...passage,
    text,
    endOffset: passage.startOffset + text.length,
    tokenCount: maxTokens,
  };
}
