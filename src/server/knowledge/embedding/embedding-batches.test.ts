import fc from "fast-check";
import { expect, it } from "vitest";
import { splitBatches } from "./embedding-batches.ts";

it("keeps every text in its order, within both bounds unless one text alone is too long", () => {
  const bounds = fc.record({ maxTexts: fc.integer({ min: 1, max: 5 }), maxCharacters: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(fc.string()), bounds, (texts, { maxTexts, maxCharacters }) => {
      const batches = splitBatches(texts, { maxTexts, maxCharacters });
      expect(batches.flat()).toEqual(texts);
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(maxTexts);
        expect(batch.length === 1 || batch.join("").length <= maxCharacters).toBe(true);
      }
    }),
  );
});

it("fills a batch before it begins the next", () => {
  const bounds = { maxTexts: 2, maxCharacters: 4 };
  expect(splitBatches(["a", "b", "c", "dddd", "e"], bounds)).toEqual([["a", "b"], ["c"], ["dddd"], ["e"]]);
});
