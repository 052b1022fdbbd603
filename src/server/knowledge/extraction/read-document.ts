import { readFile } from "node:fs/promises";
import { OffstageError } from "../../../errors.ts";
import type { DocumentBlock, ExtractedDocument } from "../document.ts";
import { checkZip } from "./check-zip.ts";
import { findKind, type KnownDocument } from "./document-kind.ts";
import type { ExtractionLimits } from "./limits.ts";
import { damaged, refusal } from "./refusal.ts";

/** A file that holds a document: where it lies, and what whoever brought it calls it. */
export interface DocumentFile {
  path: string;
  /** As people know it; errors name it, and its extension tells kinds of text apart. */
  name: string;
  contentType: string | null;
}

const KIND_NAMES: Record<KnownDocument["kind"], string> = {
  pdf: "PDF",
  docx: "DOCX",
  html: "HTML",
  markdown: "Markdown",
  text: "text",
  delimited: "a table",
  json: "JSON",
  code: "source code",
};

/** What more separate pieces than these weigh in memory is no longer a matter of their text. */
const MAX_BLOCKS = 500_000;

/**
 * Reads a document in this process, whatever it costs; its time and memory are for the caller to bound.
 * @throws OffstageError `bad_input` or `too_large`, with a reason of `RefusalReason`
 */
export async function readDocument(file: DocumentFile, limits: ExtractionLimits): Promise<ExtractedDocument> {
  const bytes = await readFile(file.path);
  let checkedZip: Promise<Set<string>> | undefined;
  const zipNames = () => (checkedZip ??= checkZip(bytes, file.name, limits));
  const known = await findKind(file, bytes, zipNames);
  try {
    if (known.kind === "docx") await zipNames();
    if ("text" in known) checkTextLength(known.text.length, file.name, limits);
    const document = await parse(known, bytes, file.name, limits);
    return checked(
      { ...document, blocks: document.blocks.map(tidy).filter(({ text }) => text !== "") },
      file.name,
      limits,
    );
  } catch (thrown) {
    throw thrown instanceof OffstageError ? thrown : damaged(file.name, KIND_NAMES[known.kind], thrown);
  }
}

/** Each kind's libraries are loaded when the first document of that kind comes. */
async function parse(
  known: KnownDocument,
  bytes: Buffer,
  name: string,
  limits: ExtractionLimits,
): Promise<ExtractedDocument> {
  switch (known.kind) {
    case "pdf":
      return (await import("./pdf.ts")).extractPdf(bytes, name, limits);
    case "docx":
      return (await import("./docx.ts")).extractDocx(bytes);
    case "html":
      return (await import("./html.ts")).extractHtml(known.text);
    case "markdown":
      return (await import("./markdown.ts")).extractMarkdown(known.text);
    case "delimited":
      return (await import("./delimited.ts")).extractDelimited(known.text);
    case "json":
      return (await import("./json.ts")).extractJson(known.text, name);
    case "code":
      return (await import("./plain-text.ts")).extractSourceCode(known.text);
    case "text":
      return (await import("./plain-text.ts")).extractPlainText(known.text);
  }
}

/** Text that can be stored and searched everywhere: composed letters, whole characters, no control characters. */
function tidy(block: DocumentBlock): DocumentBlock {
  const text = block.text
    .toWellFormed()
    .normalize("NFC")
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, " ")
    .trimEnd();
  return { ...block, text: block.kind === "code" ? text.replace(/^(?:[^\S\n]*\n)+/, "") : text.trimStart() };
}

function checked(document: ExtractedDocument, name: string, limits: ExtractionLimits): ExtractedDocument {
  if (document.blocks.length === 0)
    throw refusal("empty", `${name} has no text. There is nothing in it to be found.`);
  if (document.blocks.length > MAX_BLOCKS)
    throw refusal("too_large", `${name} has more than ${MAX_BLOCKS} separate pieces of text. Split it.`);
  const chars = document.blocks.reduce((sum, { text }) => sum + text.length, 0);
  checkTextLength(chars, name, limits);
  return document;
}

function checkTextLength(chars: number, name: string, limits: ExtractionLimits): void {
  if (chars > limits.maxTextChars)
    throw refusal(
      "too_large",
      `${name} has ${chars} characters of text; at most ${limits.maxTextChars} are read. Split it.`,
    );
}
