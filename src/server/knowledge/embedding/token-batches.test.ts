import fc from "fast-check";
import { expect, it } from "vitest";
import { planBatches } from "./token-batches.ts";

it.each([
  ["short texts of like length together", [12, 3, 12, 3, 12], [[1, 3, 0, 2, 4]]],
  ["long texts alone", [190, 200], [[0], [1]]],
  ["never more than eight", Array(9).fill(3), [[0, 1, 2, 3, 4, 5, 6, 7], [8]]],
  ["no texts", [], []],
])("puts %s", (_, lengths, batches) => {
  expect(planBatches(lengths)).toEqual(batches);
});

it("puts each text in one batch, and pads no batch beyond its bound", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 256 }), { maxLength: 64 }), (lengths) => {
      const batches = planBatches(lengths);
      expect(batches.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
      for (const batch of batches) {
        const width = Math.max(...batch.map((position) => lengths[position]!));
        expect(batch.length === 1 || batch.length * width <= 128).toBe(true);
      }
    }),
  );
});
