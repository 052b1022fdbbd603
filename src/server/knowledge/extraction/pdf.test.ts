import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "./limits.ts";
import { extractPdf } from "./pdf.ts";
import { type PdfWriter, samplePdf } from "./sample-documents.ts";

const BODY = "The quick brown fox jumps over the lazy dog, and then over another one. ";

async function read(write: (pdf: PdfWriter) => void, options?: Parameters<typeof samplePdf>[1]) {
  return extractPdf(await samplePdf(write, options), "a.pdf", DEFAULT_LIMITS);
}

describe("a PDF", () => {
  test("gives its title, and headings by their size and paragraphs with their pages", async () => {
    const document = await read(
      (pdf) => {
        pdf.fontSize(24).text("The fox").fontSize(16).text("Its habits").fontSize(11);
        pdf.text(BODY.repeat(5).trim()).moveDown().text("Second paragraph.");
        pdf.addPage().fontSize(16).text("Its home").fontSize(11).text(BODY.repeat(3).trim());
      },
      { info: { Title: "On foxes" } },
    );
    expect(document).toEqual({
      title: "On foxes",
      pageCount: 2,
      blocks: [
        { kind: "heading", text: "The fox", level: 1, page: 1 },
        { kind: "heading", text: "Its habits", level: 2, page: 1 },
        { kind: "paragraph", text: BODY.repeat(5).trim(), page: 1 },
        { kind: "paragraph", text: "Second paragraph.", page: 1 },
        { kind: "heading", text: "Its home", level: 2, page: 2 },
        { kind: "paragraph", text: BODY.repeat(3).trim(), page: 2 },
      ],
    });
  });

  test("reads its columns one after the other", async () => {
    const text = Array.from({ length: 90 }, (_, index) => `Number ${index} of many.`).join(" ");
    const { blocks } = await read((pdf) => pdf.fontSize(11).text(text, { columns: 2 }));
    expect(blocks.map((block) => block.text).join(" ")).toBe(text);
  });

  test("has the lines of a page in order that was written in none", async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index).padStart(2, "0")}`);
    const { blocks } = await read((pdf) => {
      for (const index of [...lines.keys()].sort((a, b) => ((a * 3) % 20) - ((b * 3) % 20)))
        pdf.text(lines[index]!, 72, 72 + index * 14, { lineBreak: false });
    });
    expect(blocks.map((block) => block.text).join(" ")).toBe(lines.join(" "));
  });

  test("joins words that are parted at the ends of lines", async () => {
    const { blocks } = await read((pdf) => pdf.text("This is quite a diffi-\ncult case, well-\nKnown."));
    expect(blocks[0]?.text).toBe("This is quite a difficult case, well- Known.");
  });

  test("keeps list items apart", async () => {
    const { blocks } = await read((pdf) => pdf.text("Things:\n• one\n• two\n\nAnd more."));
    expect(blocks.map(({ kind, text }) => [kind, text])).toEqual([
      ["paragraph", "Things:"],
      ["list", "- one\n- two"],
      ["paragraph", "And more."],
    ]);
  });

  test("leaves out page numbers, and running titles but once", async () => {
    const { blocks } = await read((pdf) => {
      for (let page = 1; page <= 6; page += 1) {
        if (page > 1) pdf.addPage();
        pdf
          .text("Annual report", 72, 40, { lineBreak: false })
          .text(`${page}`, 300, 700, { lineBreak: false });
        pdf
          .text(`Page of the letter ${"abcdef"[page]}.`, 72, 100)
          .text(`Its second line ${"ghijkl"[page]}.`, 72, 130);
        pdf.text("Its third line.", 72, 300 + page * 10);
      }
    });
    expect(blocks.map(({ text }) => text).join(" ")).not.toMatch(/Annual.*Annual|\d/);
    expect(blocks).toHaveLength(13);
  });

  test.each<[string, (pdf: PdfWriter) => void, Parameters<typeof samplePdf>[1], RegExp, string]>([
    [
      "has only pictures",
      (pdf) => pdf.rect(9, 9, 99, 99).fill("red"),
      {},
      /no text, only pictures \(1 page\)/,
      "empty",
    ],
    [
      "asks for a password",
      (pdf) => pdf.text("x"),
      { userPassword: "p" },
      /protected by a password/,
      "encrypted",
    ],
  ])("that %s is refused", async (_, write, options, message, reason) => {
    await expect(read(write, options)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      code: "bad_input",
      details: { reason },
    });
  });

  test("that is cut off is refused", async () => {
    const whole = await samplePdf((pdf) => pdf.text(BODY.repeat(50)));
    const cut = whole.subarray(0, whole.length / 2);
    await expect(extractPdf(cut, "a.pdf", DEFAULT_LIMITS)).rejects.toThrow(/a\.pdf is incomplete/);
  });

  test("of too many pages is refused", async () => {
    const pdf = await samplePdf((writer) => writer.text("a").addPage().text("b"));
    await expect(extractPdf(pdf, "a.pdf", { ...DEFAULT_LIMITS, maxPages: 1 })).rejects.toMatchObject({
      code: "too_large",
      message: "a.pdf has 2 pages; at most 1 are read. Split it.",
    });
  });
});
