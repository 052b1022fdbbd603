import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, type ExtractionLimits } from "./limits.ts";
import { readDocument } from "./read-document.ts";
import { docxParagraph, sampleDocx, samplePdf, sampleZip } from "./sample-documents.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offstage-extraction-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(
  name: string,
  content: string | Buffer,
  { contentType = null, ...limits }: Partial<ExtractionLimits> & { contentType?: string | null } = {},
) {
  const path = join(folder, "content");
  await writeFile(path, content);
  return readDocument({ path, name, contentType }, { ...DEFAULT_LIMITS, ...limits });
}

const cells = (...texts: string[]) => texts.map((text) => `<w:tc>${docxParagraph(text)}</w:tc>`).join("");
const pdf = await samplePdf((writer) => writer.text("In a PDF."));
const docx = sampleDocx(
  docxParagraph("Report", "Heading1") +
    docxParagraph("Text &amp; more.") +
    `<w:tbl><w:tr>${cells("a", "b")}</w:tr><w:tr>${cells("c", "d")}</w:tr></w:tbl>`,
);

describe("a document is what its content says", () => {
  test("a DOCX gives headings, paragraphs and tables", async () => {
    expect(await read("report.docx", docx)).toEqual({
      title: "Report",
      pageCount: null,
      blocks: [
        { kind: "heading", text: "Report", level: 1 },
        { kind: "paragraph", text: "Text & more." },
        { kind: "table", text: "a | b\nc | d" },
      ],
    });
  });

  test.each<[string, string, string | Buffer, string | null, string, string]>([
    ["a PDF named .txt", "a.txt", pdf, null, "paragraph", "In a PDF."],
    ["a DOCX named .pdf", "a.pdf", docx, null, "heading", "Report"],
    [
      "a page named .txt",
      "a.txt",
      "<!-- saved --><!DOCTYPE html><p>In a page.",
      null,
      "paragraph",
      "In a page.",
    ],
    ["text named .docx", "a.docx", "Only text.", null, "paragraph", "Only text."],
    [
      "text that begins as a picture does",
      "a.txt",
      "BMW, MZ and GIF8 are names.",
      null,
      "paragraph",
      "BMW, MZ and GIF8 are names.",
    ],
    ["text without a name's help", "README", "Read me.", null, "paragraph", "Read me."],
    ["Markdown by its declared type", "content", "# Head", "text/markdown; charset=utf-8", "heading", "Head"],
    ["source code", "a.py", "def f(): pass", "text/plain", "code", "def f(): pass"],
    [
      "XML as source code",
      "a.xml",
      '<?xml version="1.0"?>\n<a>text</a>',
      null,
      "code",
      '<?xml version="1.0"?>\n<a>text</a>',
    ],
    [
      "XHTML",
      "a.xhtml",
      '<?xml version="1.0"?>\n<html><body><p>In a page.</p></body></html>',
      null,
      "paragraph",
      "In a page.",
    ],
    ["a table", "a.TSV", "name\tage\nAnn\t3", null, "table", "name: Ann; age: 3"],
  ])("%s", async (_, name, content, contentType, kind, text) => {
    const [block] = (await read(name, content, { contentType })).blocks;
    expect(block).toMatchObject({ kind, text });
  });

  test("text is composed, well formed and without control characters", async () => {
    const { blocks } = await read("a.json", '["e\\u0301", "\\ud800x", "a\\u0000b"]');
    expect(blocks[0]?.text).toBe("é, \ufffdx, a b");
  });
});

const ole = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600)]);
const encryptedOffice = Buffer.concat([ole, Buffer.from("EncryptedPackage", "utf16le")]);
const png = Buffer.concat([
  Buffer.from("89504e470d0a1a0a0000000d", "hex"),
  Buffer.from("IHDR"),
  Buffer.alloc(99),
]);

describe("a document is refused with its reason when it", () => {
  test.each<[string, string, string | Buffer, Partial<ExtractionLimits>, string, RegExp]>([
    [
      "is a program",
      "a.md",
      Buffer.concat([Buffer.from("MZ"), Buffer.alloc(999)]),
      {},
      "unknown_type",
      /EXE .*Supported are PDF/,
    ],
    ["is a picture", "a.pdf", png, {}, "unknown_type", /of the kind PNG \(image\/png\)/],
    ["is RTF", "a.txt", "{\\rtf1 text}", {}, "unknown_type", /of the kind RTF/],
    [
      "is a ZIP file of something else",
      "a.docx",
      sampleZip({ "a.txt": "x" }),
      {},
      "unknown_type",
      /of the kind ZIP/,
    ],
    ["is of an old Office format", "a.doc", ole, {}, "unknown_type", /old Office format/],
    ["is a DOCX with a password", "a.docx", encryptedOffice, {}, "encrypted", /protected by a password/],
    [
      "is a ZIP file with a password",
      "a.docx",
      sampleZip({ "word/document.xml": "x" }, 1),
      {},
      "encrypted",
      /password/,
    ],
    ["is a cut DOCX", "a.docx", docx.subarray(0, 400), {}, "damaged", /a\.docx cannot be read as ZIP file/],
    [
      "is a DOCX without sense",
      "a.docx",
      sampleZip({ "word/document.xml": "<a>" }),
      {},
      "damaged",
      /a\.docx cannot be read as DOCX/,
    ],
    ["is a cut PDF", "a.pdf", pdf.subarray(0, 500), {}, "damaged", /incomplete/],
    [
      "is a PDF without sense",
      "a.pdf",
      "%PDF-1.7\nnothing\n%%EOF",
      {},
      "damaged",
      /a\.pdf cannot be read as PDF/,
    ],
    ["is cut JSON", "a.json", '{"a":', {}, "damaged", /a\.json cannot be read as JSON/],
    [
      "inflates too much",
      "a.docx",
      sampleZip({ "word/document.xml": Buffer.alloc(20_000_000, 32) }),
      {},
      "zip_bomb",
      /more than 200 times its size/,
    ],
    [
      "inflates beyond all measure",
      "a.docx",
      docx,
      { maxInflatedBytes: 500 },
      "zip_bomb",
      /more than 500 bytes/,
    ],
    ["has too many entries", "a.docx", docx, { maxZipEntries: 2 }, "zip_bomb", /has 3 entries/],
    ["is blank", "a.txt", " \n\t\n", {}, "empty", /has no text/],
    ["is too long", "a.txt", "x".repeat(101), { maxTextChars: 100 }, "too_large", /101 characters of text/],
  ])("%s", async (_, name, content, limits, reason, message) => {
    await expect(read(name, content, limits)).rejects.toMatchObject({
      code: reason === "too_large" ? "too_large" : "bad_input",
      message: expect.stringMatching(message),
      details: { reason },
    });
  });

  test("declares less than it inflates to", async () => {
    const lying = Buffer.from(sampleZip({ "word/document.xml": Buffer.alloc(100_000, 32) }));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(100_000);
    for (let at = lying.indexOf(size); at !== -1; at = lying.indexOf(size)) lying.writeUInt32LE(10, at);
    await expect(read("a.docx", lying)).rejects.toMatchObject({ details: { reason: "damaged" } });
  });
});
