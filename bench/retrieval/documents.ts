import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseHTML } from "linkedom";
import {
  docxParagraph,
  sampleDocx,
  samplePdf,
} from "../../src/server/knowledge/extraction/sample-documents.ts";
import type { RetrievalDocument } from "./retriever.ts";

/** A document of the judged set, with the text that judgements quote. */
export interface JudgedDocument extends RetrievalDocument {
  /** As written, without a page's tags; white space is single spaces. */
  text: string;
}

const FOLDER = fileURLToPath(new URL("documents", import.meta.url));
const CONTENT_TYPES: Record<string, string> = {
  csv: "text/csv",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  html: "text/html",
  json: "application/json",
  md: "text/markdown",
  pdf: "application/pdf",
};

/** All documents by name. PDF and DOCX are made here, of the texts `name.pdf.txt` and `name.docx.txt`. */
export async function readDocuments(): Promise<JudgedDocument[]> {
  const files = (await readdir(FOLDER)).sort();
  return Promise.all(
    files.map(async (file): Promise<JudgedDocument> => {
      const source = await readFile(join(FOLDER, file), "utf8");
      const name = file.replace(/(?<=\.(?:pdf|docx))\.txt$/, "");
      const extension = name.slice(name.lastIndexOf(".") + 1);
      return {
        name,
        contentType: CONTENT_TYPES[extension] ?? "text/plain",
        bytes: await render(extension, source),
        text: singleSpaced(extension === "html" ? pageText(source) : source),
      };
    }),
  );
}

/** Text with single spaces for all white space. */
export function singleSpaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function pageText(html: string): string {
  return parseHTML(html).document.querySelector("body")?.textContent ?? "";
}

async function render(extension: string, source: string): Promise<Buffer> {
  if (extension === "docx") return renderDocx(source);
  return extension === "pdf" ? renderPdf(source) : Buffer.from(source);
}

function renderPdf(source: string): Promise<Buffer> {
  return samplePdf((pdf) => {
    for (const { text, level } of paragraphsOf(source)) {
      pdf.fontSize(level === 0 ? 11 : 20 - 3 * level).text(text);
      pdf.moveDown();
    }
  });
}

function renderDocx(source: string): Buffer {
  const paragraphs = paragraphsOf(source).map(({ text, level }) => {
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return docxParagraph(escaped, level === 0 ? undefined : `Heading${level}`);
  });
  return sampleDocx(paragraphs.join(""));
}

/** Paragraphs, each in one line; `level` of a heading is the number of its `#`, else 0. */
function paragraphsOf(source: string): { text: string; level: number }[] {
  return source
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => {
      const level = /^(#*) ?/.exec(paragraph)![1]!.length;
      return { text: singleSpaced(paragraph.slice(level)), level };
    });
}
