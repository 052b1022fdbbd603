import { createRequire } from "node:module";
import { crc32, deflateRawSync } from "node:zlib";

/** What is used of PDFKit, which comes without types. */
export interface PdfWriter {
  on(event: "data", listener: (part: Buffer) => void): this;
  on(event: "end", listener: () => void): this;
  fontSize(points: number): this;
  text(text: string, options?: { columns?: number; lineBreak?: boolean; indent?: number }): this;
  text(text: string, x: number, y: number, options?: { lineBreak?: boolean }): this;
  moveDown(lines?: number): this;
  addPage(): this;
  rect(x: number, y: number, width: number, height: number): this;
  fill(color: string): this;
  end(): void;
}

interface PdfOptions {
  userPassword?: string;
  compress?: boolean;
  info?: { Title?: string };
}

const PDFDocument: new (options: PdfOptions) => PdfWriter = createRequire(import.meta.url)("pdfkit");

/** A PDF for tests. */
export async function samplePdf(write: (pdf: PdfWriter) => void, options: PdfOptions = {}): Promise<Buffer> {
  const pdf = new PDFDocument(options);
  const parts: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  pdf.on("data", (part) => parts.push(part)).on("end", resolve);
  write(pdf);
  pdf.end();
  await promise;
  return Buffer.concat(parts);
}

/** A DOCX for tests: the XML of its body. */
export function sampleDocx(body: string): Buffer {
  const word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
  const packages = "http://schemas.openxmlformats.org/package/2006";
  const document = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
  return sampleZip({
    "[Content_Types].xml": `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${document}"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    "word/document.xml": `<w:document xmlns:w="${word}"><w:body>${body}</w:body></w:document>`,
  });
}

/** A paragraph of a DOCX, in a built-in style. */
export function docxParagraph(text: string, style?: string): string {
  const properties = style ? `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>` : "";
  return `<w:p>${properties}<w:r><w:t>${text}</w:t></w:r></w:p>`;
}

const LOCAL_HEADER_BYTES = 30;
const CENTRAL_HEADER_BYTES = 46;
const END_BYTES = 22;
const DEFLATED = 8;

/** A ZIP file for tests; `flags` of every entry as they stand (1 says that it is encrypted). */
export function sampleZip(entries: Record<string, string | Buffer>, flags = 0): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const local = Buffer.alloc(LOCAL_HEADER_BYTES);
    local.writeUInt32LE(0x04034b50, 0);
    writeEntryFields(local, 4, { name, plain, packed, flags });
    const central = Buffer.alloc(CENTRAL_HEADER_BYTES);
    central.writeUInt32LE(0x02014b50, 0);
    writeEntryFields(central, 6, { name, plain, packed, flags });
    central.writeUInt32LE(offset, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += local.length + name.length + packed.length;
  }
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The fields that an entry's two headers have in common. */
function writeEntryFields(
  header: Buffer,
  start: number,
  entry: { name: string; plain: Buffer; packed: Buffer; flags: number },
): void {
  header.writeUInt16LE(20, start);
  header.writeUInt16LE(entry.flags, start + 2);
  header.writeUInt16LE(DEFLATED, start + 4);
  header.writeUInt32LE(crc32(entry.plain), start + 10);
  header.writeUInt32LE(entry.packed.length, start + 14);
  header.writeUInt32LE(entry.plain.length, start + 18);
  header.writeUInt16LE(entry.name.length, start + 22);
}
