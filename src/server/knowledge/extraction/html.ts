import { isProbablyReaderable, Readability } from "@mozilla/readability";
import { parseHTML } from "linkedom";
import type { DocumentBlock, ExtractedDocument } from "../document.ts";
import { type HtmlNode, htmlBlocks } from "./html-blocks.ts";

type Page = ReturnType<typeof parseHTML>["document"];

/** An article that has less of the page's text leaves too much out to be trusted. */
const MIN_ARTICLE_SHARE = 0.5;

/**
 * A page's text: its `<main>` if it says which, else the article that Readability finds if most of the text is in it,
 * else all but navigation.
 */
export function extractHtml(html: string): ExtractedDocument {
  const { document } = parseHTML(/<html[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`);
  const title: string | null = document.title?.trim() || null;
  const mains = document.querySelectorAll("main, [role=main]");
  const whole = htmlBlocks(mains[0] && mains.length === 1 ? mains[0] : document);
  const blocks = mains.length === 1 ? whole : (articleBlocks(document, whole) ?? whole);
  return { title, blocks, pageCount: null };
}

/** The blocks of a fragment of HTML, all of it. */
export function extractFragment(html: string): DocumentBlock[] {
  return htmlBlocks(parseHTML(`<html><body>${html}</body></html>`).document);
}

/** Changes the document. */
function articleBlocks(document: Page, whole: readonly DocumentBlock[]): DocumentBlock[] | null {
  if (!document.querySelector("body") || !isProbablyReaderable(document)) return null;
  const article = new Readability<HtmlNode>(document, { serializer: (node) => node as HtmlNode }).parse();
  if (!article?.content) return null;
  const blocks = htmlBlocks(article.content);
  if (textLength(blocks) < textLength(whole) * MIN_ARTICLE_SHARE) return null;
  // It takes the heading that says the same as the title out.
  const heading = article.title?.trim();
  if (heading && !blocks.some(({ level }) => level === 1))
    blocks.unshift({ kind: "heading", text: heading, level: 1 });
  return blocks;
}

function textLength(blocks: readonly DocumentBlock[]): number {
  return blocks.reduce((sum, { text }) => sum + text.length, 0);
}
