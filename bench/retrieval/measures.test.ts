import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  estimateDifference,
  estimateMean,
  firstRank,
  meanOf,
  type PassageRanks,
  recallAt,
  reciprocalRank,
} from "./measures.ts";

const QUICK = { resamples: 200, seed: 7 };

describe("the measures of one question", () => {
  const cases: { ranks: PassageRanks; recallAt5: number; reciprocal: number }[] = [
    { ranks: [0], recallAt5: 1, reciprocal: 1 },
    { ranks: [4], recallAt5: 1, reciprocal: 1 / 5 },
    { ranks: [5], recallAt5: 0, reciprocal: 1 / 6 },
    { ranks: [null], recallAt5: 0, reciprocal: 0 },
    { ranks: [null, 2, 9], recallAt5: 1 / 3, reciprocal: 1 / 3 },
    { ranks: [3, 3], recallAt5: 1, reciprocal: 1 / 4 },
  ];
  test.each(cases)("ranks $ranks: recall@5 $recallAt5, reciprocal rank $reciprocal", (expected) => {
    expect(recallAt(5, expected.ranks)).toBe(expected.recallAt5);
    expect(reciprocalRank(expected.ranks)).toBe(expected.reciprocal);
  });

  test("grow with the cut-off and never leave 0 to 1", () => {
    const ranks = fc.array(fc.option(fc.nat(20)), { minLength: 1 });
    fc.assert(
      fc.property(ranks, fc.nat(20), (places, k) => {
        expect(recallAt(k, places)).toBeLessThanOrEqual(recallAt(k + 1, places));
        expect(recallAt(21, places) > 0).toBe(Number.isFinite(firstRank(places)));
        expect(reciprocalRank(places)).toBeGreaterThanOrEqual(0);
        expect(reciprocalRank(places)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("an estimate", () => {
  test("holds the mean, and is the same for the same seed", () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 30, maxLength: 60 });
    fc.assert(
      fc.property(values, (measured) => {
        const estimate = estimateMean(measured, QUICK);
        expect(estimate).toEqual(estimateMean(measured, QUICK));
        expect(estimate.mean).toBe(meanOf(measured));
        expect(estimate.low).toBeLessThanOrEqual(estimate.mean + 1e-12);
        expect(estimate.high).toBeGreaterThanOrEqual(estimate.mean - 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  test("is as wide as theory says for a fair coin", () => {
    const tosses = Array.from({ length: 100 }, (_, index) => index % 2);
    const { mean, low, high } = estimateMean(tosses);
    expect(mean).toBe(0.5);
    expect(low).toBeCloseTo(0.5 - 1.96 * 0.05, 1);
    expect(high).toBeCloseTo(0.5 + 1.96 * 0.05, 1);
  });

  test("of equal values has no width", () => {
    expect(estimateMean([0.25, 0.25, 0.25], QUICK)).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  });

  test("of nothing is not a number", () => {
    expect(estimateMean([], QUICK)).toEqual({ mean: Number.NaN, low: Number.NaN, high: Number.NaN });
  });
});

describe("a difference", () => {
  test("sees what is the same on every question, however much the questions differ", () => {
    const values = Array.from({ length: 40 }, (_, index) => (index % 4) / 4);
    const better = values.map((value) => value + 0.125);
    expect(estimateDifference(better, values, QUICK)).toEqual({ mean: 0.125, low: 0.125, high: 0.125 });
  });

  test("needs the same questions on both sides", () => {
    expect(() => estimateDifference([1], [1, 0])).toThrow("1 values cannot be paired with 2");
  });
});
