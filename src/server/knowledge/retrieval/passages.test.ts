import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FoundChunk } from "./chunk-search.ts";
import { budgetFor, DEFAULT_BUDGET, selectPassages } from "./passages.ts";

/** Letters that differ from place to place, so that a repeated stretch shows. */
const TEXT = Array.from({ length: 1200 }, (_, index) => (index % 7 === 0 ? " " : String(index % 10))).join(
  "",
);

const chunk = (position: number, change: Partial<FoundChunk> = {}): FoundChunk => {
  const startOffset = change.startOffset ?? position * 80;
  const endOffset = change.endOffset ?? startOffset + 100;
  return {
    id: position,
    contentId: "c",
    position,
    page: null,
    headings: [],
    startOffset,
    endOffset,
    tokenCount: 20,
    text: TEXT.slice(startOffset, endOffset),
    score: 1 / (position + 1),
    similarity: null,
    ...change,
  };
};

describe("passages", () => {
  test("adjoining chunks become one, in which nothing stands twice", () => {
    const [passage, ...others] = selectPassages([
      chunk(2, { score: 3, page: 9 }),
      chunk(1, { score: 1, page: 8, similarity: 0.5, headings: ["H"] }),
      chunk(3, { score: 2, similarity: 0.7 }),
    ]);
    expect(others).toEqual([]);
    expect(passage).toEqual({
      contentId: "c",
      startOffset: 80,
      endOffset: 340,
      text: TEXT.slice(80, 340),
      page: 8,
      headings: ["H"],
      tokenCount: 52,
      score: 3,
      similarity: 0.7,
    });
  });

  test("a gap between adjoining chunks is kept as line feeds", () => {
    const [passage] = selectPassages([
      chunk(0, { startOffset: 0, endOffset: 10 }),
      chunk(1, { startOffset: 12, endOffset: 20 }),
    ]);
    expect(passage?.text).toBe(`${TEXT.slice(0, 10)}\n\n${TEXT.slice(12, 20)}`);
  });

  test("chunks that do not adjoin, or of two contents, stay apart, best first", () => {
    const passages = selectPassages([
      chunk(0, { score: 1 }),
      chunk(2, { score: 2 }),
      chunk(1, { contentId: "d", score: 3 }),
    ]);
    expect(passages.map(({ contentId, startOffset }) => [contentId, startOffset])).toEqual([
      ["d", 80],
      ["c", 160],
      ["c", 0],
    ]);
  });

  test("one that does not fit is passed over for one that does", () => {
    const passages = selectPassages([chunk(0), chunk(2, { tokenCount: 90 }), chunk(4, { tokenCount: 30 })], {
      maxTokens: 50,
    });
    expect(passages.map(({ startOffset }) => startOffset)).toEqual([0, 320]);
  });

  test("there are no more than asked for, but a neighbour still joins", () => {
    const passages = selectPassages([chunk(0), chunk(2), chunk(4), chunk(1, { score: 0.01 })], {
      maxPassages: 2,
    });
    expect(passages.map(({ startOffset, endOffset }) => [startOffset, endOffset])).toEqual([[0, 260]]);
  });

  test("the best one is cut at a word where it is too long by itself", () => {
    const [passage, ...others] = selectPassages([chunk(0), chunk(5)], { maxTokens: 7 });
    expect(others).toEqual([]);
    expect(passage).toMatchObject({ startOffset: 0, tokenCount: 7 });
    expect(passage?.text).toBe(TEXT.slice(0, passage?.endOffset));
    expect(TEXT[passage!.endOffset]).toBe(" ");
  });

  test("nothing found makes none", () => {
    expect(selectPassages([])).toEqual([]);
  });

  test("whatever is found, the budget holds and each passage is the text's own", () => {
    const found = fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        found,
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 1, max: 5 }),
        (positions, maxTokens, maxPassages) => {
          const passages = selectPassages(
            positions.map((position) => chunk(position)),
            { maxTokens, maxPassages },
          );
          expect(passages.length).toBeLessThanOrEqual(maxPassages);
          expect(passages.length > 0).toBe(positions.length > 0);
          expect(passages.reduce((sum, { tokenCount }) => sum + tokenCount, 0)).toBeLessThanOrEqual(
            maxTokens,
          );
          for (const { text, startOffset, endOffset } of passages)
            expect(text).toBe(TEXT.slice(startOffset, endOffset));
        },
      ),
    );
  });
});

test.each([
  ["an unknown context", {}, DEFAULT_BUDGET],
  ["a long context", { contextLength: 128_000 }, DEFAULT_BUDGET],
  ["a short context", { contextLength: 4096 }, { maxTokens: 1024, maxPassages: 8 }],
  ["the demo model", { contextLength: 2048, demo: true }, { maxTokens: 400, maxPassages: 1 }],
])("a model with %s has its budget", (_name, model, budget) => {
  expect(budgetFor(model)).toEqual(budget);
});
