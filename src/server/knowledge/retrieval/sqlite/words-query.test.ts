import { expect, test } from "vitest";
import { searchedWords } from "../searched-words.ts";
import { anyWordQuery } from "./words-query.ts";

test.each([
  ["What is the capital of France?", '"capital" OR "france"'],
  ["capital Capital CAPITAL", '"capital"'],
  ["what is this", '"what" OR "is" OR "this"'],
  ['a "b" OR c* NEAR(d, 2)', '"b" OR "c" OR "near" OR "2"'],
  ["Größe 東京 naïve", '"größe" OR "東京" OR "naïve"'],
  ["¿?", ""],
])("%s becomes %s", (text, expected) => {
  expect(anyWordQuery(searchedWords(text))).toBe(expected);
});

test("of a pasted page the longest words are looked for", () => {
  const page = Array.from({ length: 100 }, (_, index) => "x".repeat(index + 1)).join(" ");
  const lengths = searchedWords(page).map((word) => word.length);
  expect(lengths).toEqual(Array.from({ length: 16 }, (_, index) => 100 - index));
});
