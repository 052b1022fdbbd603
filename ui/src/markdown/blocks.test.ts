import { describe, expect, it, vi } from "vitest";

vi.mock("./sanitise.ts", () => ({ sanitise: (html: string) => html }));
const { MarkdownBlocks } = await import("./blocks.ts");
type Block = ReturnType<InstanceType<typeof MarkdownBlocks>["update"]>[number];

/** What is shown, without how it came about. */
function shown(blocks: readonly Block[]): unknown[] {
  return blocks
    .map((block) => {
      if (block.kind === "paragraph") return ["paragraph", block.pieces.join("")];
      if (block.kind === "code") return ["code", block.language, block.text.trimEnd()];
      if (block.kind === "plain") return ["plain", block.text];
      return [block.kind, block.html];
    })
    .filter(([, html]) => html !== "");
}

function grown(text: string, step: number): Block[] {
  const markdown = new MarkdownBlocks();
  let blocks: Block[] = [];
  for (let end = step; end < text.length + step; end += step) blocks = markdown.update(text.slice(0, end));
  return blocks;
}

const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(" ");

const TEXTS: Record<string, string> = {
  "paragraphs and emphasis": "One **two** _three_\n\nFour `five`\nsix\n\n> seven\n\neight",
  lists: "- a\n- b\n  1. c\n  2. d\n\n- e\n\nEnd",
  "a table": "| a | b |\n| --- | --- |\n| 1 | 2 |\n\nafter",
  code: "Before\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\nafter",
  "a long paragraph": `${words(1_500)}\n\nend`,
  "a long paragraph with signs in it": `${words(400)} **bold ${words(10)}** ${words(400)} and [a link](https://example.com) ${words(400)}`,
  "a heading under a long line": `${words(30)}\n===\n\nend`,
  citations: "As said [1] and [2], not [3](https://example.com).",
};

describe("a text that grows", () => {
  it.each(Object.entries(TEXTS))("ends as it would be at once: %s", (_name, text) => {
    const whole = shown(new MarkdownBlocks().update(text));
    for (const step of [1, 3, 7, 50]) expect(shown(grown(text, step))).toEqual(whole);
  });

  it("settles what can no longer change", () => {
    const markdown = new MarkdownBlocks();
    const [first] = markdown.update("# One\n\nTwo");
    const [again] = markdown.update("# One\n\nTwo three");
    expect(again).toBe(first);
  });

  it("reads no more than the end of a long paragraph", () => {
    const markdown = new MarkdownBlocks();
    const text = words(4_000);
    for (let end = 500; end <= text.length; end += 500) markdown.update(text.slice(0, end));
    const [paragraph] = markdown.update(text);
    expect(paragraph).toMatchObject({ kind: "paragraph" });
    const pieces = (paragraph as { pieces: string[] }).pieces;
    expect(pieces.join("")).toBe(text);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(2_000);
  });

  it("begins anew where a text does not go on", () => {
    const markdown = new MarkdownBlocks();
    markdown.update("One\n\nTwo");
    expect(shown(markdown.update("Three"))).toEqual([["paragraph", "Three"]]);
  });

  it("shows code that nothing closes yet as code", () => {
    const [block] = new MarkdownBlocks().update("```python\nprint(1)\n");
    expect(block).toMatchObject({ kind: "code", language: "python", isOpen: true });
  });
});

describe("a hostile text", () => {
  it.each([
    ["a line of a megabyte", "x".repeat(1_000_000)],
    ["ten thousand brackets", "[".repeat(10_000)],
    ["ten thousand stars", "*a ".repeat(10_000)],
    ["nested quotations", "> ".repeat(5_000)],
  ])("is rendered in bounded time: %s", (_name, text) => {
    expect(new MarkdownBlocks().update(text).length).toBeGreaterThan(0);
  });
});
