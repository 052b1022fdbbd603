import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, percentile, percentilesOf } from "./statistics.ts";

describe("percentiles", () => {
  test("take the nearest rank", () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentilesOf(samples)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
    expect(percentilesOf([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  });

  test("are one of the samples, and grow with the percentage", () => {
    const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.nat(100), fc.nat(100), (values, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(values).toContain(percentile(values, low));
        expect(percentile(values, low)).toBeLessThanOrEqual(percentile(values, high));
      }),
    );
  });

  test("of nothing are not a number", () => {
    expect(percentile([], 50)).toBeNaN();
    expect(median([])).toBeNaN();
  });

  test("a median does not depend on the order, and lies between the two middle samples", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});
