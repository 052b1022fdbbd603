import { expect, test } from "vitest";
import { steadinessOf } from "./steadiness.ts";

const points = (...values: number[]) => values.map((value, minute) => ({ minute, value }));

test.each([
  ["flat after a warm-up", points(10, 90, 100, 100, 100, 100), 0, 1],
  ["a line", points(0, 0, 100, 110, 120, 130), 10, 125 / 105],
  ["what comes down", points(0, 0, 0, 130, 120, 110, 100, 90, 80), -10, 90 / 120],
  ["a point too many counts as warm-up", points(1, 2, 3, 100, 100, 100, 100), 0, 1],
])("%s", (_name, given, perMinute, lastOverSecond) => {
  const steadiness = steadinessOf(given);
  expect(steadiness.perMinute).toBeCloseTo(perMinute);
  expect(steadiness.lastOverSecond).toBeCloseTo(lastOverSecond);
});

test("too few points say nothing", () => {
  expect(steadinessOf(points(1, 2, 3, 4, 5))).toEqual({
    perMinute: Number.NaN,
    lastOverSecond: Number.NaN,
  });
});
