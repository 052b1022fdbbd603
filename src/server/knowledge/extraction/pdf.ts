import { getDocumentProxy } from "unpdf";
import type { DocumentBlock, ExtractedDocument } from "../document.ts";
import type { ExtractionLimits } from "./limits.ts";
import { linesOf, type PdfLine, type PlacedText, withoutRunningLines } from "./pdf-lines.ts";
import { type PdfParagraph, paragraphsOf } from "./pdf-paragraphs.ts";
import { refusal } from "./refusal.ts";

/** Where the end's mark must be; some programs add a little after it. */
const END_BYTES = 4096;
const MAX_HEADING_CHARS = 200;
/** To the size of most of the text. */
const MIN_HEADING_RATIO = 1.15;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/**
 * A PDF's text with the page of each block. Headings are told by their size; running titles and page numbers are left
 * out.
 * @throws OffstageError `bad_input` for one that is encrypted, incomplete or has only pictures, `too_large`
 * for one of too many pages
 */
export async function extractPdf(
  bytes: Buffer,
  name: string,
  limits: ExtractionLimits,
): Promise<ExtractedDocument> {
  if (!bytes.subarray(-END_BYTES).includes("%%EOF"))
    throw refusal(
      "damaged",
      `${name} is incomplete: the end of the PDF is missing. Save or upload it again.`,
    );
  const pdf = await openPdf(bytes, name);
  try {
    return await readPages(pdf, name, limits);
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function openPdf(bytes: Buffer, name: string): Promise<Pdf> {
  try {
    // The reader takes the memory over, which a pooled Buffer shares with others.
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, disableFontFace: true });
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "PasswordException")
      throw refusal("encrypted", `${name} is protected by a password. Remove it and upload the file again.`);
    throw thrown;
  }
}

async function readPages(pdf: Pdf, name: string, limits: ExtractionLimits): Promise<ExtractedDocument> {
  if (pdf.numPages > limits.maxPages)
    throw refusal(
      "too_large",
      `${name} has ${pdf.numPages} pages; at most ${limits.maxPages} are read. Split it.`,
    );
  const pages: PdfLine[][] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    pages.push(linesOf(items.filter((item) => "str" in item) as PlacedText[]));
    page.cleanup();
  }
  if (pages.every((lines) => lines.length === 0))
    throw refusal(
      "empty",
      `${name} has no text, only pictures (${pdf.numPages} ${pdf.numPages === 1 ? "page" : "pages"}): a scan, perhaps. Run text recognition (OCR) on it and upload the result.`,
    );
  const paragraphs = withoutRunningLines(pages).map(paragraphsOf);
  const title = ((await pdf.getMetadata()).info as { Title?: unknown }).Title;
  return {
    title: typeof title === "string" && title.trim() !== "" ? title.trim() : null,
    blocks: blocksOf(paragraphs),
    pageCount: pdf.numPages,
  };
}

function blocksOf(pages: readonly PdfParagraph[][]): DocumentBlock[] {
  const levels = headingLevels(pages.flat());
  return pages.flatMap((paragraphs, index) => {
    const blocks: DocumentBlock[] = [];
    for (const { text, size, isListItem } of paragraphs) {
      const place = { text, page: index + 1 };
      const level = isHeading(text) ? levels.get(rounded(size)) : undefined;
      const before = blocks.at(-1);
      if (level !== undefined) blocks.push({ ...place, kind: "heading", level });
      else if (isListItem && before?.kind === "list") before.text += `\n${text}`;
      else blocks.push({ ...place, kind: isListItem ? "list" : "paragraph" });
    }
    return blocks;
  });
}

/** The sizes that headings have, each with its level: the largest is 1. */
function headingLevels(paragraphs: readonly PdfParagraph[]): Map<number, number> {
  const charsBySize = new Map<number, number>();
  for (const { text, size } of paragraphs)
    charsBySize.set(rounded(size), (charsBySize.get(rounded(size)) ?? 0) + text.length);
  const [body = 0] = [...charsBySize].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  const larger = paragraphs.filter(({ text, size }) => size > body * MIN_HEADING_RATIO && isHeading(text));
  const sizes = [...new Set(larger.map(({ size }) => rounded(size)))].sort((a, b) => b - a);
  return new Map(sizes.map((size, index) => [size, Math.min(index + 1, 6)]));
}

/** Lines of a table of contents are none, whatever their size. */
function isHeading(text: string): boolean {
  return text.length <= MAX_HEADING_CHARS && /\p{L}/u.test(text) && !/…\s*\w*$/.test(text);
}

function rounded(size: number): number {
  return Math.round(size * 2) / 2;
}
