import { expect, test } from "vitest";
import { createRandom, createRankSource } from "./knowledge-random.ts";

const draw = <Value>(count: number, next: () => Value) => Array.from({ length: count }, next);

test("the same seed gives the same numbers, another one others", () => {
  const numbers = (seed: number) => draw(5, createRandom(seed).next);
  expect(numbers(1)).toEqual(numbers(1));
  expect(numbers(1)).not.toEqual(numbers(2));
});

test("numbers are spread over their whole range", () => {
  const random = createRandom(3);
  const counts = new Map<number, number>();
  for (const number of draw(10_000, () => random.below(10))) {
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("normal numbers have a mean of 0 and a variance of 1", () => {
  const numbers = draw(20_000, createRandom(4).normal);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(numbers)).toBeCloseTo(0, 1);
  expect(mean(numbers.map((number) => number ** 2))).toBeCloseTo(1, 1);
});

test("low ranks are drawn more often than high ones, and all are in range", () => {
  const ranks = draw(20_000, createRankSource(createRandom(5), 1_000));
  const count = (from: number, to: number) => ranks.filter((rank) => rank >= from && rank < to).length;
  expect(count(0, 1_000)).toBe(20_000);
  expect(count(0, 10)).toBeGreaterThan(3 * count(90, 100));
  expect(count(990, 1_000)).toBeGreaterThan(0);
});
