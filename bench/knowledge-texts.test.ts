import { expect, test } from "vitest";
import { makeBook, makeQuestion } from "./knowledge-texts.ts";

test("a book is the same each time, and unlike any other", () => {
  expect(makeBook(1, 3)).toBe(makeBook(1, 3));
  expect(makeBook(1, 3)).not.toBe(makeBook(2, 3));
});

test("a book has its pages' length and a section for each", () => {
  const book = makeBook(7, 20);
  expect(book.length).toBeGreaterThan(20 * 1_700 - 1);
  expect(book.length).toBeLessThan(20 * 1_700 + 1_000);
  expect(book.match(/^## /gm)).toHaveLength(20);
});

test("questions are sentences of their own", () => {
  expect(makeQuestion(1)).toMatch(/^What \w+ the \w+ of the \w+ and its \w+\?$/);
  expect(new Set([1, 2, 3, 4, 5].map(makeQuestion)).size).toBe(5);
});
