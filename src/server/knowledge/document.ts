/** One piece of a document as its author structured it. Its text is never blank and has no blank ends. */
export interface DocumentBlock {
  kind: "heading" | "paragraph" | "list" | "table" | "code";
  /** A list has a line for each item, a table one for each row. */
  text: string;
  /** Of a heading: 1 to 6. */
  level?: number;
  /** Where the block begins, from 1; absent where the kind of document has no pages. */
  page?: number;
}

/** What was read from a file: its blocks in reading order. */
export interface ExtractedDocument {
  title: string | null;
  blocks: DocumentBlock[];
  pageCount: number | null;
}

/** A passage of a document: what is embedded, found and cited. */
export interface Chunk {
  /** From 0, in the order of the document. */
  position: number;
  /** Exactly `documentText(document).slice(startOffset, endOffset)`. */
  text: string;
  /** In UTF-16 units of the document's text, as `endOffset`. */
  startOffset: number;
  endOffset: number;
  /** Where that begins which no earlier chunk has, from 1; null where the document has no pages. */
  page: number | null;
  /** The headings that the passage stands under, the outermost first; those that it begins with are among them. */
  headings: string[];
  tokenCount: number;
}

/** A document as it is kept: its text, and the passages it is cut into. */
export interface CutDocument {
  title: string | null;
  pageCount: number | null;
  /** What the chunks' offsets count in. */
  text: string;
  chunks: Chunk[];
}

const BLOCK_SEPARATOR = "\n\n";

/** The whole text of a document, which offsets count in: what a file's content is to clients. */
export function documentText(document: ExtractedDocument): string {
  return document.blocks.map((block) => block.text).join(BLOCK_SEPARATOR);
}

/** Where each block begins in `documentText`. */
export function blockOffsets(document: ExtractedDocument): number[] {
  let next = 0;
  return document.blocks.map(({ text }) => {
    const offset = next;
    next += text.length + BLOCK_SEPARATOR.length;
    return offset;
  });
}
