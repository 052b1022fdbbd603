import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assignSplits } from "./splits.ts";

const questions = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1 }), kind: fc.constantFrom("keyword", "number", "contrast") }),
  { selector: ({ id }) => id },
);

describe("the halves of the judged set", () => {
  test("differ by one question at most, in each kind and on the whole", () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const splits = assignSplits(asked);
        const balance = (of: typeof asked) =>
          of.reduce((sum, { id }) => sum + (splits.get(id) === "tune" ? 1 : -1), 0);
        expect(Math.abs(balance(asked))).toBeLessThanOrEqual(1);
        for (const ofKind of Map.groupBy(asked, ({ kind }) => kind).values())
          expect(Math.abs(balance(ofKind))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("do not depend on the order of the questions", () => {
    fc.assert(
      fc.property(questions, (asked) => {
        expect(assignSplits([...asked].reverse())).toEqual(assignSplits(asked));
      }),
    );
  });
});
