import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DocumentBlock, documentText, type ExtractedDocument } from "../document.ts";
import { chunkDocument } from "./chunk-document.ts";

const countWords = (text: string) => text.match(/\S+/g)?.length ?? 0;
const countQuarters = (text: string) => Math.ceil(text.length / 4);

function documentOf(...blocks: DocumentBlock[]): ExtractedDocument {
  return { title: null, blocks, pageCount: null };
}

const paragraph = (text: string): DocumentBlock => ({ kind: "paragraph", text });
const heading = (text: string, level = 1): DocumentBlock => ({ kind: "heading", text, level });
const sentence = (name: string, words: number) => `${name}${" word".repeat(words - 2)} end.`;

describe("a document is parted where its structure parts it", () => {
  test("what fits into one chunk stays one", () => {
    const document = documentOf(heading("Title"), paragraph("One. Two."), paragraph("Three."));
    expect(chunkDocument(document, { countTokens: countWords })).toEqual([
      {
        position: 0,
        text: "Title\n\nOne. Two.\n\nThree.",
        startOffset: 0,
        endOffset: 24,
        page: null,
        headings: ["Title"],
        tokenCount: 4,
      },
    ]);
  });

  test("a heading begins a new chunk when the one before is big enough", () => {
    const document = documentOf(
      heading("Small"),
      paragraph("Few words."),
      heading("Big", 2),
      paragraph(sentence("First", 20)),
      heading("Next", 2),
      paragraph(sentence("Second", 20)),
    );
    const chunks = chunkDocument(document, { countTokens: countWords, maxTokens: 60 });
    expect(chunks.map(({ text, headings }) => [text.split("\n")[0], headings])).toEqual([
      ["Small", ["Small"]],
      ["Next", ["Small", "Next"]],
    ]);
  });

  test("headings never end a chunk that has more, and go to what follows them", () => {
    const document = documentOf(
      paragraph(sentence("Before", 17)),
      heading("Chapter"),
      heading("Section", 2),
      paragraph(sentence("After", 18)),
    );
    const chunks = chunkDocument(document, { countTokens: countWords, maxTokens: 20, overlapTokens: 5 });
    expect(chunks.map(({ text }) => text.split(" ")[0])).toEqual(["Before", "Chapter\n\nSection\n\nAfter"]);
    expect(chunks[1]!.headings).toEqual(["Chapter", "Section"]);
  });

  test("a block that has no room goes to the next chunk whole when the one before is half full", () => {
    const document = documentOf(
      paragraph(sentence("A", 12)),
      paragraph(`${sentence("B", 8)} ${sentence("C", 8)}`),
    );
    const chunks = chunkDocument(document, { countTokens: countWords, maxTokens: 20, overlapTokens: 0 });
    expect(chunks.map(({ text }) => text[0])).toEqual(["A", "B"]);
  });

  test("a table is parted between its rows, without overlap", () => {
    const rows = Array.from({ length: 9 }, (_, index) => `Name: n${index}; Age: ${index}`);
    const chunks = chunkDocument(documentOf({ kind: "table", text: rows.join("\n") }), {
      countTokens: countWords,
      maxTokens: 12,
    });
    expect(chunks.map(({ text }) => text.split("\n"))).toEqual([
      rows.slice(0, 3),
      rows.slice(3, 6),
      rows.slice(6),
    ]);
  });

  test("the last whole sentences are repeated at the beginning of the next chunk", () => {
    const text = [8, 8, 4, 8, 8].map((words, index) => sentence(`S${index}`, words)).join(" ");
    const chunks = chunkDocument(documentOf(paragraph(text)), {
      countTokens: countWords,
      maxTokens: 20,
      overlapTokens: 5,
    });
    expect(chunks.map((chunk) => chunk.text.match(/S\d/g))).toEqual([
      ["S0", "S1", "S2"],
      ["S2", "S3", "S4"],
    ]);
  });

  test("a line break within a paragraph ends no sentence", () => {
    const text = "This sentence\ngoes on. This one\ndoes, too.";
    const chunks = chunkDocument(documentOf(paragraph(text)), {
      countTokens: countWords,
      maxTokens: 4,
      overlapTokens: 0,
    });
    expect(chunks.map((chunk) => chunk.text)).toEqual(["This sentence\ngoes on.", "This one\ndoes, too."]);
  });

  test("a sentence that is too long is parted between words, a word that is too long anywhere", () => {
    const long = documentOf(paragraph(`${"word ".repeat(7).trim()} ${"x".repeat(45)} end`));
    const chunks = chunkDocument(long, { countTokens: countQuarters, maxTokens: 5 });
    expect(chunks.map(({ text }) => text)).toEqual([
      "word word",
      "word word",
      "word word",
      "word",
      ...Array.from({ length: 9 }, () => "xxxxx"),
      "end",
    ]);
  });

  test("a chunk has the page on which that begins which is new in it", () => {
    const document = documentOf(
      { ...paragraph(`${sentence("A", 12)} ${sentence("B", 4)}`), page: 3 },
      { ...paragraph(sentence("C", 12)), page: 4 },
    );
    const chunks = chunkDocument(document, { countTokens: countWords, maxTokens: 20, overlapTokens: 5 });
    expect(chunks.map(({ text, page }) => [text[0], page])).toEqual([
      ["A", 3],
      ["B", 4],
    ]);
  });
});

const block: fc.Arbitrary<DocumentBlock> = fc
  .record({
    kind: fc.constantFrom("heading", "paragraph", "list", "table", "code"),
    level: fc.integer({ min: 1, max: 6 }),
    text: fc.array(
      fc.oneof(
        fc.constantFrom(" ", "\n", ". ", "! ", "\n\n", "   \n", "。", "😀", "x".repeat(70), " ".repeat(90)),
        fc.string({ unit: "grapheme", maxLength: 12 }),
        fc.lorem({ mode: "sentences", maxCount: 3 }),
      ),
      { minLength: 1, maxLength: 30 },
    ),
  })
  .map(({ kind, level, text }): DocumentBlock => {
    const joined = `a${text.join("")}z`;
    return kind === "heading" ? { kind, text: joined, level } : { kind, text: joined };
  });

describe("whatever the document, its chunks", () => {
  const cases = fc.record({
    document: fc.array(block, { maxLength: 12 }).map((blocks) => documentOf(...blocks)),
    maxTokens: fc.integer({ min: 4, max: 60 }),
    overlapTokens: fc.integer({ min: 0, max: 20 }),
    countTokens: fc.constantFrom(countWords, countQuarters),
  });

  test("are slices of its text that rise, overlap in order and have no more tokens than they may", () => {
    fc.assert(
      fc.property(cases, ({ document, ...options }) => {
        const text = documentText(document);
        const chunks = chunkDocument(document, options);
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.position).toBe(index);
          expect(chunk.text).toBe(text.slice(chunk.startOffset, chunk.endOffset));
          expect(chunk.text).toBe(chunk.text.trim());
          expect(chunk.tokenCount).toBeLessThanOrEqual(options.maxTokens);
          expect(options.countTokens(chunk.text)).toBeLessThanOrEqual(chunk.tokenCount);
          const before = chunks[index - 1];
          if (before) expect(chunk.startOffset).toBeGreaterThan(before.startOffset);
          if (before) expect(chunk.endOffset).toBeGreaterThan(before.endOffset);
        }
      }),
    );
  });

  test("leave out nothing but white space", () => {
    fc.assert(
      fc.property(cases, ({ document, ...options }) => {
        const text = documentText(document);
        let covered = 0;
        for (const { startOffset, endOffset } of chunkDocument(document, options)) {
          expect(text.slice(covered, startOffset).trim()).toBe("");
          covered = endOffset;
        }
        expect(text.slice(covered).trim()).toBe("");
      }),
    );
  });

  test("take a number of counted characters that is linear in its length", () => {
    fc.assert(
      fc.property(cases, ({ document, countTokens, ...options }) => {
        let counted = 0;
        const counting = (text: string) => {
          counted += text.length;
          return countTokens(text);
        };
        chunkDocument(document, { ...options, countTokens: counting });
        expect(counted).toBeLessThanOrEqual(documentText(document).length * 12);
      }),
    );
  });
});
