import { percentile } from "../statistics.ts";

/** For each passage that answers a question, the place of the first result that holds it: from 0; null is not found. */
export type PassageRanks = readonly (number | null)[];

/**
 * The share of a question's passages that the first `k` results hold (recall at a cut-off: Manning, Raghavan, Schütze,
 * Introduction to Information Retrieval, 2008, section 8.4). A question has at least one passage.
 */
export function recallAt(k: number, ranks: PassageRanks): number {
  return ranks.filter((rank) => rank !== null && rank < k).length / ranks.length;
}

/**
 * One over the place, from 1, of the first result that holds any of the passages; 0 if none does. Its mean over questions
 * is the MRR (Voorhees, The TREC-8 Question Answering Track Report, 1999).
 */
export function reciprocalRank(ranks: PassageRanks): number {
  return 1 / (1 + firstRank(ranks));
}

/** The place of the first result that holds any passage, from 0; infinite if none does. */
export function firstRank(ranks: PassageRanks): number {
  return Math.min(...ranks.map((rank) => rank ?? Number.POSITIVE_INFINITY));
}

/** A mean with the interval that it lies in with 95 % confidence. All NaN of no values. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

export interface Resampling {
  resamples: number;
  /** The same seed gives the same interval. */
  seed: number;
}

export const RESAMPLING: Resampling = { resamples: 10_000, seed: 20_251_121 };

/**
 * The mean of a value for each question, with the percentile interval of the bootstrap (Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993, chapter 13): questions are drawn anew, with replacement.
 */
export function estimateMean(values: readonly number[], resampling = RESAMPLING): Estimate {
  const random = seededRandom(resampling.seed);
  const means = Array.from({ length: resampling.resamples }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn += 1)
      sum += values[Math.floor(random() * values.length)]!;
    return sum / values.length;
  });
  return { mean: meanOf(values), low: percentile(means, 2.5), high: percentile(means, 97.5) };
}

/**
 * By how much `values` exceed `others` on the same questions, in the same order. Both are drawn together, so that what
 * makes a question hard for everyone cancels out (the paired bootstrap: Sakai, Evaluating Evaluation Metrics based on the
 * Bootstrap, SIGIR 2006). An interval that holds 0 shows no difference.
 */
export function estimateDifference(
  values: readonly number[],
  others: readonly number[],
  resampling = RESAMPLING,
): Estimate {
  if (values.length !== others.length)
    throw new Error(
      `${values.length} values cannot be paired with ${others.length}. Measure the same questions.`,
    );
  return estimateMean(
    values.map((value, index) => value - others[index]!),
    resampling,
  );
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Numbers from 0 to below 1 that depend on the seed alone (mulberry32, by Tommy Ettinger, in the public domain). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
