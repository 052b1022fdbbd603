import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { chunkDocument } from "../../src/server/knowledge/chunking/chunk-document.ts";
import type { Chunk } from "../../src/server/knowledge/document.ts";
import { DEFAULT_LIMITS } from "../../src/server/knowledge/extraction/limits.ts";
import { readDocument } from "../../src/server/knowledge/extraction/read-document.ts";
import { faultsOf, type JudgedSet, loadJudgedSet, QUESTION_KINDS, questionsOf } from "./judged-set.ts";
import { holdsQuote } from "./passage-ranks.ts";

let set: JudgedSet;
beforeAll(async () => {
  set = await loadJudgedSet();
});

describe("the judged set", () => {
  test("has at least 60 documents of at least eight kinds, and at least 120 questions", () => {
    expect(set.documents.length).toBeGreaterThanOrEqual(60);
    expect(new Set(set.documents.map(({ name }) => extname(name))).size).toBeGreaterThanOrEqual(8);
    expect(set.questions.length).toBeGreaterThanOrEqual(120);
  });

  test("has each kind of question in both halves, which differ by one at most", () => {
    const [tune, report] = [questionsOf(set, "tune"), questionsOf(set, "report")];
    expect(Math.abs(tune.length - report.length)).toBeLessThanOrEqual(1);
    for (const kind of QUESTION_KINDS) {
      const [tried, reported] = [tune, report].map((half) =>
        half.filter((question) => question.kind === kind),
      );
      expect(reported!.length, kind).toBeGreaterThanOrEqual(3);
      expect(Math.abs(tried!.length - reported!.length), kind).toBeLessThanOrEqual(1);
    }
  });

  test("names hard negatives for every question of contrast but those on people of one name", () => {
    const contrasts = set.questions.filter(({ kind }) => kind === "contrast");
    expect(contrasts.filter(({ not }) => not.length > 0).length).toBeGreaterThanOrEqual(20);
  });

  test("stays under 700 KB", () => {
    expect(set.documents.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(700_000);
  });

  test("can be judged on what our server reads and cuts out of the documents", async () => {
    const chunks = await chunksByDocument(set);
    expect(chunks.values().reduce((sum, { length }) => sum + length, 0)).toBeGreaterThanOrEqual(600);
    const lost = set.questions.flatMap(({ id, relevant }) =>
      relevant
        .filter(({ document, quote }) => !chunks.get(document)!.some(({ text }) => holdsQuote(text, quote)))
        .map(({ document, quote }) => `${id}: ${document}: ${quote}`),
    );
    expect(lost).toEqual([]);
  });
});

describe("a set has a fault", () => {
  const faulty: { name: string; change: (set: JudgedSet) => void; fault: RegExp }[] = [
    {
      name: "if a quote is not in its document",
      change: ({ questions }) => {
        questions[0]!.relevant[0]!.quote = "never written";
      },
      fault: /^e-2113-cause: "never written" stands 0 times in error-codes-heron\.csv\.$/,
    },
    {
      name: "if a quote stands in its document more than once",
      change: ({ questions }) => {
        questions[0]!.relevant[0]!.quote = "Heron 400";
      },
      fault: /stands \d\d+ times/,
    },
    {
      name: "if a document is not there",
      change: ({ questions }) => {
        questions[0]!.relevant[0]!.document = "lost.md";
      },
      fault: /stands 0 times in lost\.md/,
    },
    {
      name: "if two questions have one id",
      change: ({ questions }) => void questions.push(structuredClone(questions[0]!)),
      fault: /^Two questions have the same id\.$/,
    },
    {
      name: "if a question was moved to the other half",
      change: ({ questions }) => {
        const [first] = questions;
        first!.split = first!.split === "tune" ? "report" : "tune";
      },
      fault: /its hash puts it into/,
    },
    {
      name: "if a document is both right and wrong",
      change: ({ questions }) => void questions[0]!.not.push(questions[0]!.relevant[0]!.document),
      fault: /is both right and wrong/,
    },
    {
      name: "if a wrong document is not there",
      change: ({ questions }) => void questions[0]!.not.push("lost.md"),
      fault: /lost\.md is no document/,
    },
    {
      name: "if a follow-up follows nothing",
      change: ({ questions }) => {
        questions.find(({ kind }) => kind === "follow-up")!.conversation = [];
      },
      fault: /a follow-up has a conversation/,
    },
  ];
  test.each(faulty)("$name", ({ change, fault }) => {
    const changed = { documents: set.documents, questions: structuredClone(set.questions) };
    change(changed);
    expect(faultsOf(changed)).toContainEqual(expect.stringMatching(fault));
  });
});

/** About what tokenizers make of English prose; tables and code have more tokens, and so more chunks. */
const CHARACTERS_PER_TOKEN = 4;

async function chunksByDocument({ documents }: JudgedSet): Promise<Map<string, Chunk[]>> {
  const folder = await mkdtemp(join(tmpdir(), "offstage-judged-"));
  try {
    const chunks = new Map<string, Chunk[]>();
    for (const { name, contentType, bytes } of documents) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      const read = await readDocument({ path, name, contentType }, DEFAULT_LIMITS);
      chunks.set(
        name,
        chunkDocument(read, { countTokens: (text) => Math.ceil(text.length / CHARACTERS_PER_TOKEN) }),
      );
    }
    return chunks;
  } finally {
    await rm(folder, { recursive: true });
  }
}
