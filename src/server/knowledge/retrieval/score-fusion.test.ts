import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuseScores } from "./score-fusion.ts";

const WEIGHTS = { wordWeight: 1, vectorWeight: 0.5 };
const scores = fc.uniqueArray(fc.tuple(fc.nat(20), fc.double({ min: -1, max: 1, noNaN: true })), {
  selector: ([id]) => id,
});

describe("fused scores", () => {
  test("are added by their weights, and what one map lacks counts nothing there", () => {
    const coverages = new Map([
      [1, 0.9],
      [2, 0.2],
    ]);
    const cosines = new Map([
      [2, 0.8],
      [3, 0.4],
      [4, -0.3],
    ]);
    const fused = fuseScores(coverages, cosines, WEIGHTS);
    expect(fused.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(fused[1]?.score).toBeCloseTo(0.6, 10);
    expect(fused[3]?.score).toBe(0);
  });

  test("hold every candidate once, best first, whatever the order of the maps", () => {
    fc.assert(
      fc.property(scores, scores, (coverages, cosines) => {
        const fused = fuseScores(new Map(coverages), new Map(cosines), WEIGHTS);
        const ids = new Set([...coverages, ...cosines].map(([id]) => id));
        expect(new Set(fused.map(({ id }) => id))).toEqual(ids);
        expect(fused).toHaveLength(ids.size);
        expect(fused.every(({ score }, place) => place === 0 || score <= fused[place - 1]!.score)).toBe(true);
        const reversed = fuseScores(new Map(coverages.toReversed()), new Map(cosines.toReversed()), WEIGHTS);
        expect(reversed).toEqual(fused);
      }),
    );
  });
});
