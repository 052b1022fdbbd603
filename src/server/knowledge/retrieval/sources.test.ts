import { describe, expect, test } from "vitest";
import { contextMessage } from "./context-message.ts";
import type { Passage } from "./passages.ts";
import type { RequestedItem } from "./requested-item.ts";
import { citeSources } from "./sources.ts";

const passage = (contentId: string, change: Partial<Passage> = {}): Passage => ({
  contentId,
  startOffset: 5,
  endOffset: 10,
  text: `of ${contentId}`,
  page: null,
  headings: [],
  tokenCount: 3,
  score: 1,
  similarity: 0.5,
  ...change,
});

const held = (contentId: string, name: string, fileId = `file-${contentId}`) => ({
  contentId,
  fileId,
  name,
  hash: `hash-${contentId}`,
});

const collection: RequestedItem = {
  item: { id: "k1", type: "collection", status: "processed", extra: 1 },
  contents: [held("a", "a.txt"), held("b", "b.pdf"), held("c", "a.txt")],
};
const file: RequestedItem = {
  item: { id: "f1", type: "file" },
  contents: [held("b", "b.pdf"), held("d", "d.md")],
};

describe("sources", () => {
  test("have the request's item as it came, and a place for each passage in lists that run alike", () => {
    const { sources } = citeSources(
      [
        passage("b", { page: 3, headings: ["Rates", "2026"], similarity: 0.9 }),
        passage("a", { startOffset: 0 }),
      ],
      [collection],
    );
    expect(sources).toEqual([
      {
        source: { id: "k1", type: "collection", status: "processed", extra: 1 },
        document: ["of b", "of a"],
        metadata: [
          {
            file_id: "file-b",
            name: "b.pdf",
            source: "b.pdf",
            hash: "hash-b",
            start_index: 5,
            page: 2,
            headings: ["Rates", "2026"],
          },
          { file_id: "file-a", name: "a.txt", source: "a.txt", hash: "hash-a", start_index: 0 },
        ],
        distances: [0.9, 0.5],
      },
    ]);
  });

  test("have no distances unless all are known", () => {
    const { sources } = citeSources([passage("a"), passage("b", { similarity: null })], [collection]);
    expect(sources[0]).not.toHaveProperty("distances");
  });

  test("are one for each item that something was found in, the best first; what two hold is the first one's", () => {
    const { sources } = citeSources([passage("d"), passage("b")], [collection, file]);
    expect(sources.map(({ source, document }) => [source.id, document])).toEqual([
      ["f1", ["of d"]],
      ["k1", ["of b"]],
    ]);
  });

  test("leave out what no item holds", () => {
    expect(citeSources([passage("z")], [collection])).toEqual({ sources: [], numbered: [] });
  });
});

describe("numbers", () => {
  /** How web UIs number what answers cite: by the distinct values of one field, in the order of the sources. */
  const countedBy = (field: "name" | "source", sources: ReturnType<typeof citeSources>["sources"]) => [
    ...new Set(sources.flatMap(({ metadata }) => metadata.map((entry) => entry[field]))),
  ];

  test("are those that web UIs count, one for each file, also where files share a name", () => {
    const { sources, numbered } = citeSources(
      [
        passage("d"),
        passage("a"),
        passage("b"),
        passage("c"),
        passage("a", { startOffset: 90 }),
        passage("d"),
      ],
      [collection, file],
    );
    expect(numbered.map(({ number, name }) => [number, name])).toEqual([
      [1, "d.md"],
      [1, "d.md"],
      [2, "a.txt"],
      [3, "b.pdf"],
      [4, "a.txt (2)"],
      [2, "a.txt"],
    ]);
    for (const field of ["name", "source"] as const) {
      const counted = countedBy(field, sources);
      for (const { number, name } of numbered) expect(counted[number - 1]).toBe(name);
    }
  });

  test("stand before the passages that a model is given, with where these are from", () => {
    const { numbered } = citeSources(
      [passage("b", { page: 3, headings: ["Rates", "2026"] }), passage("a")],
      [collection],
    );
    const { role, content } = contextMessage(numbered);
    expect(role).toBe("system");
    expect(content).toContain("[1] b.pdf, page 3, Rates > 2026:\nof b\n\n[2] a.txt:\nof a\n\n");
  });

  test("are none where nothing was found, and the model is told so", () => {
    expect(contextMessage([]).content).toMatch(/nothing in them matched/);
  });
});
