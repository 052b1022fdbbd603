import { describe, expect, test } from "vitest";
import { holdsQuote, passageRanks } from "./passage-ranks.ts";

describe("a text holds a quote", () => {
  const quote = "Fence the old primary in the provider's console before you promote";
  const cases: { name: string; text: string; quote: string; holds: boolean }[] = [
    { name: "that stands in it", text: `First. ${quote}. Then wait.`, quote, holds: true },
    {
      name: "in other case, lines and markup",
      text: "**fence** the old\n  primary in the *provider's console* before you promote",
      quote,
      holds: true,
    },
    {
      name: "of which it has the first half",
      text: "3. Fence the old primary in the provider",
      quote,
      holds: true,
    },
    {
      name: "of which it has the second half",
      text: "(provider's console) before you promote.\n\nNext",
      quote,
      holds: true,
    },
    {
      name: "whose cells were given the names of their columns",
      text: "code: P-61; product: P2; level: warning; meaning: Too many attempts; cause: Five wrong passwords",
      quote: "P-61,P2,warning,Too many attempts,Five wrong passwords",
      holds: true,
    },
    { name: "but not less than half", text: "Fence the old primary", quote, holds: false },
    {
      name: "but not scattered words",
      text: "promote, you console: before primary. The old fence",
      quote,
      holds: false,
    },
    {
      name: "but not half of a short one",
      text: "London | 130 EUR",
      quote: "Portugal, Spain | 130 EUR",
      holds: false,
    },
    { name: "but not nothing", text: "", quote, holds: false },
  ];
  test.each(cases)("$name", ({ text, quote, holds }) => {
    expect(holdsQuote(text, quote)).toBe(holds);
  });
});

describe("the ranks of passages", () => {
  const passages = [
    { document: "a.md", quote: "the blue whale is the largest animal" },
    { document: "b.md", quote: "the ostrich lays the largest egg" },
    { document: "c.md", quote: "nobody found this one anywhere" },
  ];

  test("are the first place of each, and null for what was not found", () => {
    const found = [
      { document: "a.md", text: "Something else." },
      { document: "b.md", text: "The ostrich lays the largest egg." },
      { document: "b.md", text: "The ostrich lays the largest egg." },
      { document: "a.md", text: "The blue whale is the largest animal." },
    ];
    expect(passageRanks(passages, found)).toEqual([3, 1, null]);
  });

  test("count only the document that the quote is from", () => {
    expect(passageRanks(passages, [{ document: "b.md", text: passages[0]!.quote }])).toEqual([
      null,
      null,
      null,
    ]);
  });
});
