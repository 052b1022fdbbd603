/** How rankings by words and by vectors become one. */
export interface FusionOptions {
  /** Evens out the first ranks: a rank counts `1 / (rankConstant + rank)`. */
  rankConstant: number;
  wordWeight: number;
  vectorWeight: number;
  /** How many of the best of each ranking count. */
  candidateCount: number;
  /** What a word in a heading counts, against one in the text. */
  headingWeight: number;
}

/** 60 is the constant of the method's paper (Cormack, Clarke, Büttcher: Reciprocal Rank Fusion, SIGIR 2009). */
export const DEFAULT_FUSION: FusionOptions = {
  rankConstant: 60,
  wordWeight: 1,
  vectorWeight: 1,
  candidateCount: 100,
  headingWeight: 1,
};

/** Items of several rankings with what their ranks count together, best first; equals by the order they came in. */
export function fuseRankings<Item>(
  rankings: readonly { weight: number; items: readonly Item[] }[],
  rankConstant: number,
): { item: Item; score: number }[] {
  const scores = new Map<Item, number>();
  for (const { weight, items } of rankings) {
    for (const [index, item] of items.entries()) {
      scores.set(item, (scores.get(item) ?? 0) + weight / (rankConstant + index + 1));
    }
  }
  return [...scores].map(([item, score]) => ({ item, score })).sort((a, b) => b.score - a.score);
}
