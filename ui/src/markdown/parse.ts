import { Marked, Parser, type Token, type TokensList } from "marked";

const CITATION = /^\[(\d{1,3})\](?!\(|:)/;

/** Tags that people write within Markdown; every other one is shown as it was written. */
const HARMLESS_TAG =
  /^<\/?(?:b|blockquote|br|code|del|details|em|h[1-6]|hr|i|ins|kbd|li|mark|ol|p|pre|q|s|small|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)\s*\/?>$/i;

/** Reads Markdown as GitHub does. `[1]` is a citation; pictures from elsewhere become links: seeing a message tells nobody. */
const marked = new Marked({
  gfm: true,
  extensions: [
    {
      name: "citation",
      level: "inline",
      start: (source) => source.indexOf("["),
      tokenizer(source) {
        const match = CITATION.exec(source);
        return match ? { type: "citation", raw: match[0], number: match[1] } : undefined;
      },
      renderer: ({ number }) =>
        `<a class="cite" data-cite="${number}" href="#source-${number}" title="${number}">${number}</a>`,
    },
  ],
  renderer: {
    html: ({ text }) => text.replace(/<[^>]*>?/g, (tag) => (HARMLESS_TAG.test(tag) ? tag : escaped(tag))),
    checkbox: ({ checked }) => `<span class="task">${checked ? "☑" : "☐"}</span> `,
    image({ href, text }) {
      return `<a href="${escaped(href)}">${escaped(text || href)}</a>`;
    },
  },
});

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);

/** The blocks of a text: paragraphs, lists, tables, code, each with the source that it was read from (`raw`). */
export function parseBlocks(source: string): TokensList {
  return marked.lexer(source);
}

/** HTML of one block, not sanitised. `links` are the definitions that its text may name. */
export function printBlock(token: Token, links: TokensList["links"]): string {
  const tokens = Object.assign([token], { links }) as TokensList;
  return marked.parser(tokens);
}

/** HTML of what stands within a paragraph, not sanitised. */
export function printInline(tokens: Token[]): string {
  return Parser.parseInline(tokens, marked.defaults);
}
