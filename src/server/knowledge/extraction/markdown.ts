import type { List, Nodes, Paragraph, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import type { DocumentBlock, ExtractedDocument } from "../document.ts";
import { extractFragment } from "./html.ts";
import { tableText } from "./table-text.ts";

const FRONT_MATTER = /^(---|\+\+\+)[^\S\n]*\n([\s\S]*?)\n\1[^\S\n]*(?:\n|$)/;
const DELIMITER_ROW = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
/** The parser takes some hundred bytes for each of the text's, so a long text is parsed in parts. */
const PART_CHARS = 256 * 1024;

/** Markdown by CommonMark, with pipe tables; front matter is kept as it stands, and may name the title. */
export function extractMarkdown(text: string): ExtractedDocument {
  const [frontMatter = "", , fields = ""] = FRONT_MATTER.exec(text) ?? [];
  const blocks: DocumentBlock[] = fields.trim() === "" ? [] : [{ kind: "code", text: fields }];
  for (const part of markdownParts(text.slice(frontMatter.length))) {
    for (const node of fromMarkdown(part).children) blocks.push(...blocksOf(node, part));
  }
  const named = /^title\s*[:=]\s*(["']?)(.+)\1\s*$/m.exec(fields)?.[2]?.trim();
  const heading = blocks.find(({ level }) => level === 1)?.text;
  return { title: named ?? heading ?? null, blocks, pageCount: null };
}

function blocksOf(node: RootContent, source: string): DocumentBlock[] {
  switch (node.type) {
    case "heading":
      return [{ kind: "heading", text: plainText(node), level: node.depth }];
    case "code":
      return [{ kind: "code", text: node.value }];
    case "list":
      if (!holdsBlocks(node)) return [{ kind: "list", text: listLines(node, "").join("\n") }];
      return node.children.flatMap((item) => item.children.flatMap((child) => blocksOf(child, source)));
    case "blockquote":
      return node.children.flatMap((child) => blocksOf(child, source));
    case "html":
      return extractFragment(node.value);
    case "paragraph":
      return paragraphBlocks(node, source);
    case "definition":
    case "thematicBreak":
      return [];
    default:
      return [{ kind: "paragraph", text: plainText(node) }];
  }
}

/** A paragraph may be, or end in, a table: CommonMark by itself has none. */
function paragraphBlocks(node: Paragraph, source: string): DocumentBlock[] {
  const lines = source.slice(node.position?.start.offset, node.position?.end.offset).split("\n");
  const rule = lines.findIndex((line, index) => DELIMITER_ROW.test(line) && lines[index - 1]?.includes("|"));
  if (rule === -1) return [{ kind: "paragraph", text: plainText(node) }];
  const before = plainText(fromMarkdown(lines.slice(0, rule - 1).join("\n")));
  const rows = pipeRows([lines[rule - 1]!, ...lines.slice(rule + 1)]);
  const table: DocumentBlock = { kind: "table", text: tableText(rows, true) };
  return before === "" ? [table] : [{ kind: "paragraph", text: before }, table];
}

function pipeRows(rows: readonly string[]): string[][] {
  return rows.map((row) => {
    const cells = row
      .trim()
      .replace(/^\|/, "")
      .replace(/(?<!\\)\|$/, "");
    return cells
      .split(/(?<!\\)\|/)
      .map((cell) => plainText(fromMarkdown(cell.replaceAll("\\|", "|").trim())));
  });
}

/** Whether items have more than text: code between steps, say. */
function holdsBlocks(list: List): boolean {
  return list.children.some(({ children }) =>
    children.some((child) => (child.type === "list" ? holdsBlocks(child) : child.type !== "paragraph")),
  );
}

function listLines(list: List, indent: string): string[] {
  return list.children.flatMap((item, index) => {
    const mark = list.ordered ? `${(list.start ?? 1) + index}.` : "-";
    const own = item.children.filter(({ type }) => type !== "list").map(plainText);
    const nested = item.children.filter((child) => child.type === "list");
    return [
      `${indent}${mark} ${own.join(" ").replace(/\n/g, " ")}`,
      ...nested.flatMap((inner) => listLines(inner, `${indent}  `)),
    ];
  });
}

/** What a reader sees of a node: without marks, addresses and tags. */
function plainText(node: Nodes): string {
  if (node.type === "html") return "";
  if (node.type === "break") return "\n";
  if ("value" in node) return node.value;
  if ("alt" in node) return node.alt ?? "";
  if (!("children" in node)) return "";
  const separator = node.type === "root" || node.type === "blockquote" ? "\n" : "";
  return node.children.map((child) => plainText(child)).join(separator);
}

/** The text in parts of about 256 KiB, cut at blank lines outside fenced code. */
function* markdownParts(text: string): Generator<string> {
  let start = 0;
  let fence: string | null = null;
  for (let line = 0, end = 0; line < text.length; line = end) {
    end = text.indexOf("\n", line) + 1 || text.length;
    const [, mark] = /^ {0,3}(`{3,}|~{3,})/.exec(text.slice(line, Math.min(end, line + 200))) ?? [];
    if (mark && fence === null) fence = mark;
    else if (mark?.startsWith(fence!)) fence = null;
    else if (fence === null && end - start > PART_CHARS && text.slice(line, end).trim() === "") {
      yield text.slice(start, end);
      start = end;
    }
  }
  if (start < text.length) yield text.slice(start);
}
