import { extname } from "node:path";
import { fileTypeFromBuffer } from "file-type";
import { decodeText, looksLikeText } from "./decode-text.ts";
import { refusal } from "./refusal.ts";
import { SOURCE_CODE_EXTENSIONS, SUPPORTED_KINDS } from "./supported-kinds.ts";

/** What a file is, and for all but PDF and DOCX its text. */
export type KnownDocument =
  | { kind: "pdf" | "docx" }
  | { kind: "html" | "markdown" | "text" | "delimited" | "json" | "code"; text: string };

type TextKind = Exclude<KnownDocument["kind"], "pdf" | "docx">;

const KIND_BY_EXTENSION: Record<string, TextKind> = {
  htm: "html",
  html: "html",
  xhtml: "html",
  md: "markdown",
  markdown: "markdown",
  mdown: "markdown",
  mkd: "markdown",
  mdx: "markdown",
  csv: "delimited",
  tsv: "delimited",
  tab: "delimited",
  psv: "delimited",
  json: "json",
  jsonl: "json",
  ndjson: "json",
  geojson: "json",
  ipynb: "json",
};
const KIND_BY_CONTENT_TYPE: Record<string, TextKind> = {
  "text/html": "html",
  "application/xhtml+xml": "html",
  "text/markdown": "markdown",
  "text/csv": "delimited",
  "text/tab-separated-values": "delimited",
  "application/json": "json",
  "application/x-ndjson": "json",
};
const WORD_FILES = new Set(["docx", "docm", "dotx", "dotm"]);
/** Made of plain characters, but of no use as they stand. */
const UNREADABLE_TEXT_FORMATS = new Set(["rtf", "ps", "eps"]);

/**
 * What a file is: by its first bytes where these tell, else, being text, by its name and then its declared type. A name
 * never makes something of a file that it is not.
 * @param zipNames the names in a ZIP file, read when they are needed
 * @throws OffstageError `bad_input` that names what the file is, if that cannot be read
 */
export async function findKind(
  file: { name: string; contentType: string | null },
  bytes: Buffer,
  zipNames: () => Promise<Set<string>>,
): Promise<KnownDocument> {
  const { name } = file;
  const extension = extname(name).slice(1).toLowerCase();
  const magic = await fileTypeFromBuffer(bytes);
  if (magic?.ext === "pdf" || (extension === "pdf" && bytes.subarray(0, 1024).includes("%PDF-")))
    return { kind: "pdf" };
  if (magic && WORD_FILES.has(magic.ext)) return { kind: "docx" };
  if (magic?.ext === "zip" && (await zipNames()).has("word/document.xml")) return { kind: "docx" };
  if (magic?.ext === "cfb") throw oldOfficeFile(name, bytes);
  if (magic && (UNREADABLE_TEXT_FORMATS.has(magic.ext) || !looksLikeText(bytes)))
    throw refusal(
      "unknown_type",
      `${name} is a file of the kind ${magic.ext.toUpperCase()} (${magic.mime}), which cannot be read. ${SUPPORTED_KINDS}`,
    );
  const kind = textKind(bytes, extension, file.contentType);
  return { kind, text: decodeText(bytes, name, kind === "html" ? declaredCharset(bytes) : null) };
}

function textKind(bytes: Buffer, extension: string, contentType: string | null): TextKind {
  if (
    /^(?:\ufeff|ï»¿)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html[\s>])/i.test(
      beginning(bytes),
    )
  )
    return "html";
  if (SOURCE_CODE_EXTENSIONS.has(extension)) return "code";
  const declared = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  return KIND_BY_EXTENSION[extension] ?? KIND_BY_CONTENT_TYPE[declared] ?? "text";
}

function declaredCharset(bytes: Buffer): string | null {
  return /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i.exec(beginning(bytes))?.[1] ?? null;
}

function beginning(bytes: Buffer): string {
  return bytes.toString("latin1", 0, 1024);
}

/** Word keeps an encrypted DOCX in the container that its old formats have. */
function oldOfficeFile(name: string, bytes: Buffer) {
  if (bytes.includes(Buffer.from("EncryptedPackage", "utf16le")))
    return refusal("encrypted", `${name} is protected by a password. Remove it and upload the file again.`);
  return refusal(
    "unknown_type",
    `${name} is a file of an old Office format (.doc, .xls, .ppt), which cannot be read. Save it as DOCX or PDF. ${SUPPORTED_KINDS}`,
  );
}
