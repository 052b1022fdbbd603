import { expect, test } from "vitest";
import { recall } from "./knowledge-search.ts";

test.each([
  [[[1, 2]], [[2, 1]], 1],
  [[[1, 3]], [[1, 2]], 0.5],
  [
    [[1, 2], []],
    [
      [1, 2],
      [3, 4],
    ],
    0.5,
  ],
  [[], [[1]], 0],
])("of %j the exact %j are found to %d", (found, exact, share) => {
  expect(recall(found, exact)).toBe(share);
});
