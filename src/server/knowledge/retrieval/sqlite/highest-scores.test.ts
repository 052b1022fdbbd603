import fc from "fast-check";
import { expect, test } from "vitest";
import { highestScores } from "./highest-scores.ts";

test("gives the places of the highest scores in order, and all where there are fewer", () => {
  const scores = fc.array(
    fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 3 })),
    {
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 50 }), (values, count) => {
      const sorted = values.map((_, place) => place).sort((a, b) => values[b]! - values[a]! || a - b);
      const highest = highestScores(Float64Array.from(values), count);
      expect(highest).toEqual(sorted.slice(0, highest.length));
      expect(highest.length).toBeGreaterThanOrEqual(Math.min(count, values.length));
    }),
  );
});
