import { expect, it } from "vitest";
import type { CitedPassage } from "../index.ts";
import { sourceLines } from "./source-lines.ts";

const passage = (number: number, name: string, page: number | null): CitedPassage => ({
  number,
  name,
  page,
  text: "…",
  headings: [],
  similarity: null,
  fileId: null,
});

it("tells each source once, with the pages that were read", () => {
  const passages = [
    passage(1, "report.pdf", 5),
    passage(1, "report.pdf", 2),
    passage(1, "report.pdf", 5),
    passage(2, "notes.md", null),
    passage(3, "map.pdf", 1),
  ];
  expect(sourceLines(passages)).toEqual([
    "[1] report.pdf, pages 2, 5",
    "[2] notes.md",
    "[3] map.pdf, page 1",
  ]);
  expect(sourceLines([])).toEqual([]);
});
