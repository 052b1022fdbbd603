import { describe, expect, test } from "vitest";
import { extractHtml } from "./html.ts";

const ARTICLE = Array.from(
  { length: 8 },
  (_, index) => `<p>${`Sentence ${index} of the story, which is long. `.repeat(6)}</p>`,
);

describe("a page", () => {
  test("gives headings, paragraphs, lists, tables and code, but no scripts, styles and navigation", () => {
    const { title, blocks } =
      extractHtml(`<!doctype html><html><head><title> Page </title><style>p {}</style></head>
      <body><nav><a href="/">Home</a></nav><h1>Cities <em>of</em> Europe</h1>Loose text
      <p>One<br>line &amp; <a href="x">another</a>.</p><script>let evil = 1;</script><p hidden>unseen</p>
      <ul><li>first<ol><li>inner</li></ol></li><li><p>second</p></li></ul>
      <table><thead><tr><th>City</th><th>People</th></tr></thead><tbody><tr><td>Paris</td><td>2 million</td></tr></tbody></table>
      <pre><code>if (a)\n  b();\n</code></pre></body></html>`);
    expect(title).toBe("Page");
    expect(blocks).toEqual([
      { kind: "heading", text: "Cities of Europe", level: 1 },
      { kind: "paragraph", text: "Loose text" },
      { kind: "paragraph", text: "One line & another." },
      { kind: "list", text: "- first\n  1. inner\n- second" },
      { kind: "table", text: "City: Paris; People: 2 million" },
      { kind: "code", text: "if (a)\n  b();" },
    ]);
  });

  test("is its <main> where it says which", () => {
    const { blocks } = extractHtml("<body><div>Advertisement</div><main><p>The text.</p></main></body>");
    expect(blocks).toEqual([{ kind: "paragraph", text: "The text." }]);
  });

  test("is its article where most of the text is in it", () => {
    const { blocks } = extractHtml(
      `<html><head><title>The story</title></head><body><div class="sidebar"><a href="1">Read this</a></div>
      <div class="content"><h1>The story</h1>${ARTICLE.join("")}</div><div class="footer">Imprint</div></body></html>`,
    );
    expect(blocks[0]).toEqual({ kind: "heading", text: "The story", level: 1 });
    expect(blocks).toHaveLength(1 + ARTICLE.length);
  });

  test("is all of it where the article has little of the text", () => {
    const rest = Array.from({ length: 300 }, (_, index) => `<li>Entry ${index} of a long index</li>`);
    const { blocks } = extractHtml(
      `<html><body><div>${ARTICLE.join("")}</div><ul>${rest.join("")}</ul></body></html>`,
    );
    expect(blocks.at(-1)?.text).toContain("Entry 299");
  });

  test("that is laid out by tables and lists is read through them", () => {
    const { blocks } = extractHtml(
      "<table><tr><td><h2>Left</h2><p>Text.</p></td><td><ul><li><h3>Inner</h3>Item</li></ul></td></tr></table>",
    );
    expect(blocks.map(({ kind, text }) => [kind, text])).toEqual([
      ["heading", "Left"],
      ["paragraph", "Text."],
      ["heading", "Inner"],
      ["paragraph", "Item"],
    ]);
  });
});
