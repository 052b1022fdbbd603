import { expect, it } from "vitest";
import { unitVector } from "./unit-vector.ts";

it.each([
  [[3, 4], Float32Array.of(0.6, 0.8)],
  [[-2], Float32Array.of(-1)],
  [[0, 0], null],
  [[], null],
  [[1, Number.NaN], null],
  [[Number.POSITIVE_INFINITY], null],
])("makes %j %j", (vector, unit) => {
  expect(unitVector(vector)).toEqual(unit);
});
