import type { DocumentBlock } from "../document.ts";
import { tableText } from "./table-text.ts";

/** What is used of a DOM node; elements of an HTML document have their name in capitals. */
export interface HtmlNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly childNodes: Iterable<HtmlNode>;
  readonly textContent: string | null;
  getAttribute?(name: string): string | null;
}

const ELEMENT = 1;
const TEXT = 3;
/** Nothing in these is the page's text. */
const IGNORED = new Set(
  "HEAD SCRIPT STYLE NOSCRIPT TEMPLATE NAV SVG IFRAME OBJECT CANVAS BUTTON SELECT INPUT TEXTAREA DIALOG".split(
    " ",
  ),
);
/** Flow with the text around them; every other element stands apart from it. */
const INLINE = new Set(
  "A ABBR ACRONYM B BDI BDO BIG CITE CODE DATA DEL DFN EM FONT I INS KBD LABEL MARK Q RP RT RUBY S SAMP SMALL SPAN STRIKE STRONG SUB SUP TIME TT U VAR WBR BR".split(
    " ",
  ),
);
const LISTS = new Set(["UL", "OL", "DL", "MENU"]);
const LIST_ITEMS = new Set(["LI", "DT", "DD"]);
const ROW_GROUPS = new Set(["THEAD", "TBODY", "TFOOT"]);
/** What a list or a table used for layout holds, and a real one does not. */
const LAYOUT_ONLY = new Set(["H1", "H2", "H3", "H4", "H5", "H6", "PRE", "TABLE"]);
/** A cell with more is a part of the page that a table puts in its place. */
const MAX_CELL_CHARS = 1_000;

/** The blocks of a DOM tree: headings, paragraphs, lists, tables and code, without navigation and scripts. */
export function htmlBlocks(root: HtmlNode): DocumentBlock[] {
  const blocks: DocumentBlock[] = [];
  /** Text that has not become a paragraph yet. */
  let flowing = "";

  function endParagraph(): void {
    add({ kind: "paragraph", text: collapse(flowing) });
    flowing = "";
  }

  function add(block: DocumentBlock): void {
    if (block.text.trim() !== "") blocks.push(block);
  }

  function walk(node: HtmlNode): void {
    if (node.nodeType === TEXT) flowing += node.textContent ?? "";
    if (node.nodeType === ELEMENT) {
      if (isIgnored(node)) return;
      if (node.nodeName === "BR") flowing += " ";
      if (!INLINE.has(node.nodeName)) {
        endParagraph();
        const block = wholeBlock(node);
        if (block) add(block);
        else walkChildren(node);
        endParagraph();
        return;
      }
    }
    walkChildren(node);
  }

  function walkChildren(node: HtmlNode): void {
    for (const child of node.childNodes) walk(child);
  }

  walkChildren(root);
  endParagraph();
  return blocks;
}

/** The block that an element is as a whole, or null if it only holds others. */
function wholeBlock(node: HtmlNode): DocumentBlock | null {
  const name = node.nodeName;
  if (/^H[1-6]$/.test(name)) return { kind: "heading", text: inlineText(node), level: Number(name[1]) };
  if (name === "PRE") return { kind: "code", text: (node.textContent ?? "").replace(/^\n/, "").trimEnd() };
  if (LISTS.has(name) && !holdsLayout(node)) return { kind: "list", text: listLines(node, "").join("\n") };
  if (name === "TABLE" && !holdsLayout(node)) {
    const rows = tableRows(node).map(cellsOf);
    const texts = rows.map((cells) => cells.map((cell) => inlineText(cell)));
    if (texts.flat().some((text) => text.length > MAX_CELL_CHARS)) return null;
    const hasHeader = rows[0]?.every((cell) => cell.nodeName === "TH") ?? false;
    return { kind: "table", text: tableText(texts, hasHeader) };
  }
  return null;
}

function isIgnored(node: HtmlNode): boolean {
  if (IGNORED.has(node.nodeName.toUpperCase())) return true;
  const attribute = (name: string) => node.getAttribute?.(name) ?? null;
  return (
    attribute("hidden") !== null || attribute("aria-hidden") === "true" || attribute("role") === "navigation"
  );
}

function holdsLayout(node: HtmlNode): boolean {
  for (const child of node.childNodes) {
    if (child.nodeType === ELEMENT && (LAYOUT_ONLY.has(child.nodeName) || holdsLayout(child))) return true;
  }
  return false;
}

function listLines(list: HtmlNode, indent: string): string[] {
  const lines: string[] = [];
  let number = 0;
  for (const item of elementsOf(list)) {
    if (LISTS.has(item.nodeName)) lines.push(...listLines(item, `${indent}  `));
    if (!LIST_ITEMS.has(item.nodeName)) continue;
    number += 1;
    const nested = elementsOf(item).filter((child) => LISTS.has(child.nodeName));
    const text = inlineText(item, nested);
    if (text !== "") lines.push(`${indent}${list.nodeName === "OL" ? `${number}.` : "-"} ${text}`);
    for (const inner of nested) lines.push(...listLines(inner, `${indent}  `));
  }
  return lines;
}

function tableRows(table: HtmlNode): HtmlNode[] {
  return elementsOf(table).flatMap((child) => {
    if (child.nodeName === "TR") return [child];
    return ROW_GROUPS.has(child.nodeName) ? tableRows(child) : [];
  });
}

function cellsOf(row: HtmlNode): HtmlNode[] {
  return elementsOf(row).filter(({ nodeName }) => nodeName === "TD" || nodeName === "TH");
}

function elementsOf(node: HtmlNode): HtmlNode[] {
  return [...node.childNodes].filter((child) => child.nodeType === ELEMENT && !isIgnored(child));
}

/** All text within an element as one line. */
function inlineText(node: HtmlNode, without: readonly HtmlNode[] = []): string {
  let text = "";
  function gather(inner: HtmlNode): void {
    if (inner.nodeType === TEXT) text += inner.textContent ?? "";
    if (inner.nodeType !== ELEMENT || isIgnored(inner) || without.includes(inner)) return;
    const apart = INLINE.has(inner.nodeName) && inner.nodeName !== "BR" ? "" : " ";
    text += apart;
    for (const child of inner.childNodes) gather(child);
    text += apart;
  }
  for (const child of node.childNodes) gather(child);
  return collapse(text);
}

/** White space as a browser shows it. */
function collapse(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
