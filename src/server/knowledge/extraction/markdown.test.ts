import { describe, expect, test } from "vitest";
import { extractMarkdown } from "./markdown.ts";

describe("Markdown", () => {
  test("gives headings, paragraphs, lists, tables and code as a reader sees them", () => {
    const { title, blocks } = extractMarkdown(
      [
        "# A *title*",
        "Text with a [link](http://a.b) and `code`,\non two lines.",
        "- one\n- two\n  1. inner\n",
        "```ts\n# not a heading\n```",
        "| City | People |\n| --- | ---: |\n| **Paris** | 2 \\| 3 |",
        "<details>Hidden <b>text</b></details>",
        "> quoted",
        "Underlined\n---",
        "[a]: http://a.b",
      ].join("\n\n"),
    );
    expect(title).toBe("A title");
    expect(blocks).toEqual([
      { kind: "heading", text: "A title", level: 1 },
      { kind: "paragraph", text: "Text with a link and code,\non two lines." },
      { kind: "list", text: "- one\n- two\n  1. inner" },
      { kind: "code", text: "# not a heading" },
      { kind: "table", text: "City: Paris; People: 2 | 3" },
      { kind: "paragraph", text: "Hidden text" },
      { kind: "paragraph", text: "quoted" },
      { kind: "heading", text: "Underlined", level: 2 },
    ]);
  });

  test("keeps code between the items of a list, and a table that follows text at once", () => {
    const { blocks } = extractMarkdown(
      "1. Run\n\n   ```\n   npm\n     ci\n   ```\n2. Wait\n\nSizes:\n|a|b|\n|-|-|\n|1|2|",
    );
    expect(blocks.map(({ kind, text }) => [kind, text])).toEqual([
      ["paragraph", "Run"],
      ["code", "npm\n  ci"],
      ["paragraph", "Wait"],
      ["paragraph", "Sizes:"],
      ["table", "a: 1; b: 2"],
    ]);
  });

  test.each([
    ["---", ":"],
    ["+++", " ="],
  ])("has front matter between %s, which may name the title", (mark, is) => {
    const { title, blocks } = extractMarkdown(
      `${mark}\ntitle${is} "The title"\ntags${is} [a]\n${mark}\n\n# Other\n`,
    );
    expect(title).toBe("The title");
    expect(blocks.map(({ kind }) => kind)).toEqual(["code", "heading"]);
  });

  test("that is long is read in parts without losing anything or parting fenced code", () => {
    const sections = Array.from({ length: 1_500 }, (_, index) =>
      [`## Section ${index}`, "Some text. ".repeat(20).trim(), `\`\`\`\ncode ${index}\n\nmore\n\`\`\``].join(
        "\n\n",
      ),
    );
    const { blocks } = extractMarkdown(sections.join("\n\n"));
    expect(blocks).toHaveLength(4_500);
    expect(blocks.filter(({ kind }) => kind === "code").map(({ text }) => text)).toEqual(
      sections.map((_, index) => `code ${index}\n\nmore`),
    );
  });
});
