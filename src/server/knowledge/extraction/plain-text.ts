import type { DocumentBlock, ExtractedDocument } from "../document.ts";

/** Plain text: a paragraph for each run of lines without a blank one. */
export function extractPlainText(text: string): ExtractedDocument {
  const blocks = text.split(/\n[^\S\n]*\n\s*/).map((paragraph): DocumentBlock => {
    return { kind: "paragraph", text: paragraph };
  });
  return { title: null, blocks, pageCount: null };
}

/**
 * Source code: a block for each top-level unit. One begins after a blank line, at a line without indentation that does
 * not close what came before.
 */
export function extractSourceCode(text: string): ExtractedDocument {
  const blocks = text.split(/\n(?:[^\S\n]*\n)+(?=[^\s)\]}])/).map((unit): DocumentBlock => {
    return { kind: "code", text: unit };
  });
  return { title: null, blocks, pageCount: null };
}
