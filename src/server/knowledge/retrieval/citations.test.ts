import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCitationFilter, dropUnknownCitations } from "./citations.ts";

/** Of three sources. */
const drop = (text: string) => dropUnknownCitations(text, 3);

describe("of three sources", () => {
  test.each([
    ["Paris [4].", "Paris."],
    ["Paris [1] and Rome [9], both.", "Paris [1] and Rome, both."],
    ["Paris [1][4][2].", "Paris [1][2]."],
    ["Paris [4][5].", "Paris."],
    ["Paris [1, 4].", "Paris [1]."],
    ["Paris [4,1,3].", "Paris [1, 3]."],
    ["Paris [4, 5].", "Paris."],
    ["Paris \t[ 7 ]!", "Paris!"],
    ["**Paris** [4]", "**Paris**"],
    ["`a` [4] and `b`", "`a` and `b`"],
    ["```\nx [9]\n```\nSo [9].", "```\nx [9]\n```\nSo."],
    ["an `open tick\nso [9]", "an `open tick\nso"],
    ["- Paris [8]\n- Rome [2]", "- Paris\n- Rome [2]"],
    ["Paris [1]a[9]", "Paris [1]a[9]"],
    ["[1] says so [4]", "[1] says so"],
    ["So it is [9]: big.", "So it is: big."],
  ])("%j becomes %j", (text, expected) => {
    expect(drop(text)).toBe(expected);
  });

  test.each([
    "Paris [1], [2][3] and [1, 2].",
    "Paris[1]",
    "a[9], f(x)[8], m[9][8], $v[7]",
    "[9](https://example.org) and ![8](p.png)",
    "see [9][docs]",
    "[9]: https://example.org",
    "`x [9]` and ``a ` [9]``",
    "```js\nlet x = [9];\n```",
    "~~~\n[9]\n```\n[9]\n~~~",
    "```\nnever closed [9]",
    "   ```\n [9]\n   ````\n",
    "\\[9] and \\[9\\]",
    "in [2023], of [0, 9], [x], [ ], [], [9a], [-9], [1.5], [^9]",
    '{"scores": [9]}',
    '[{"a": [9]}]',
    ' ["a", [9]]',
    "an open [9",
    "an open [",
    `long [${"9, ".repeat(60)}9]`,
    "  two  blanks   and no bracket  ",
    "",
  ])("%j stays as it is", (text) => {
    expect(drop(text)).toBe(text);
  });
});

test("without sources every citation goes", () => {
  expect(dropUnknownCitations("Paris [1].", 0)).toBe("Paris.");
});

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      "[1]",
      "[9]",
      " [9]",
      "[1, 9]",
      "[9](",
      "[9][",
      "[9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9",
      ", 9, 9, 9",
      "`",
      "```",
      "\n",
      "\n```\n",
      " ",
      "a",
      "\\",
      "[",
      "]",
      ":",
      "{",
      '"',
      "~~~",
    ),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 30 },
);

describe("a text that grows", () => {
  test("gives the same wherever it is split", () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat()), (parts, cuts) => {
        const text = parts.join("");
        const places = [...cuts.map((cut) => cut % (text.length + 1)), 0, text.length].sort((a, b) => a - b);
        const filter = createCitationFilter(3);
        const grown = places
          .map((place, index) => filter.push(text.slice(place, places[index + 1] ?? place)))
          .join("");
        expect(grown + filter.end()).toBe(drop(text));
      }),
      { numRuns: 500 },
    );
  });

  test("never changes what was told, and adds nothing", () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const kept = drop(parts.join(""));
        expect(kept.length).toBeLessThanOrEqual(parts.join("").length + parts.length);
        expect(drop(kept).length).toBeLessThanOrEqual(kept.length);
      }),
    );
  });

  test.each([
    [
      ["Par", "is"],
      ["Par", "is"],
    ],
    [
      ["Paris [", "1", "]."],
      ["Paris", "", " [1]."],
    ],
    [
      ["Paris [", "9", "]", " is"],
      ["Paris", "", "", " is"],
    ],
    [
      ["Paris [9]", "("],
      ["Paris", " [9]("],
    ],
    [
      ["a ", "b"],
      ["a", " b"],
    ],
  ])("%j comes as %j", (parts, expected) => {
    const filter = createCitationFilter(3);
    expect(parts.map((part) => filter.push(part))).toEqual(expected);
  });
});
