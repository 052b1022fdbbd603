/** How what is found by words and what is found by vectors become one. */
export interface FusionOptions {
  /** Of the share of the question's words, by their rarity, that a chunk holds: 0 to 1. */
  wordWeight: number;
  /** Of the cosine of the question's vector and the chunk's: negative ones count as 0. */
  vectorWeight: number;
  /** So many of the best by words and of the nearest are compared with each other. */
  candidateCount: number;
  /** What a word in a heading counts, against one in the text. */
  headingWeight: number;
}

/**
 * Scores are added up, not ranks: a code that only one chunk holds scores near 1 by words, and nothing near it by meaning
 * outweighs that, while a question in words of its own scores little by words and is left to the vectors. (Bruch, Gai,
 * Ingber: An Analysis of Fusion Functions for Hybrid Retrieval, ACM TOIS 2023.) The weights are in the middle of those
 * that did equally well on one half of a judged set.
 */
export const DEFAULT_FUSION: FusionOptions = {
  wordWeight: 1,
  vectorWeight: 0.7,
  candidateCount: 100,
  headingWeight: 2,
};

/**
 * Candidates with their scores, best first, equals by their ids. What is in one map only has 0 by the other.
 * @param coverages by words @param cosines by vectors
 */
export function fuseScores(
  coverages: ReadonlyMap<number, number>,
  cosines: ReadonlyMap<number, number>,
  { wordWeight, vectorWeight }: Pick<FusionOptions, "wordWeight" | "vectorWeight">,
): { id: number; score: number }[] {
  return [...new Set([...coverages.keys(), ...cosines.keys()])]
    .map((id) => {
      const byWords = wordWeight * (coverages.get(id) ?? 0);
      return { id, score: byWords + vectorWeight * Math.max(0, cosines.get(id) ?? 0) };
    })
    .sort((a, b) => b.score - a.score || a.id - b.id);
}
