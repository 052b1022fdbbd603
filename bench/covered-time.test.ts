import { expect, it } from "vitest";
import { coveredMs } from "./covered-time.ts";

const WHOLE = { fromMs: 10, toMs: 20 };

it.each([
  ["nothing", [], 0],
  [
    "apart",
    [
      [11, 12],
      [14, 16],
    ],
    3,
  ],
  [
    "overlapping",
    [
      [11, 15],
      [14, 16],
    ],
    5,
  ],
  [
    "one within another",
    [
      [11, 18],
      [12, 13],
    ],
    7,
  ],
  [
    "in any order",
    [
      [14, 16],
      [11, 15],
    ],
    5,
  ],
  [
    "beyond both ends",
    [
      [0, 12],
      [19, 30],
      [40, 50],
    ],
    3,
  ],
])("intervals cover a time: %s", (_, intervals, expected) => {
  const given = intervals.map(([fromMs = 0, toMs = 0]) => ({ fromMs, toMs }));
  expect(coveredMs(WHOLE, given)).toBe(expected);
});
