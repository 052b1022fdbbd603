import { describe, expect, it } from "vitest";
import { citedPassages } from "./cited-passage.ts";

const GEO = { source: "geo.txt", name: "geo.txt", file_id: "f1" };
const ferry = (page: number) => ({ source: "ferry.pdf", name: "ferry.pdf", file_id: "f2", page });

describe("the passages of an answer's sources", () => {
  it("share a number where they are of one document, and are told by number", () => {
    const sources = [
      {
        source: { id: "c", type: "collection" },
        document: ["France", "Ferry, p. 1", "Germany"],
        metadata: [GEO, { ...ferry(0), headings: ["Timetable", "Week"] }, GEO],
        distances: [0.8, 0.6, 0.5],
      },
      { source: { id: "f2", type: "file" }, document: ["Ferry, p. 3"], metadata: [ferry(2)] },
    ];
    expect(citedPassages(sources)).toEqual([
      { number: 1, name: "geo.txt", text: "France", page: null, headings: [], similarity: 0.8, fileId: "f1" },
      {
        number: 1,
        name: "geo.txt",
        text: "Germany",
        page: null,
        headings: [],
        similarity: 0.5,
        fileId: "f1",
      },
      {
        number: 2,
        name: "ferry.pdf",
        text: "Ferry, p. 1",
        page: 1,
        headings: ["Timetable", "Week"],
        similarity: 0.6,
        fileId: "f2",
      },
      {
        number: 2,
        name: "ferry.pdf",
        text: "Ferry, p. 3",
        page: 3,
        headings: [],
        similarity: null,
        fileId: "f2",
      },
    ]);
  });

  it("have the item's name where their own is not told", () => {
    const sources = [{ source: { id: "f", name: "notes.md" }, document: ["Milk"], metadata: [{}] }];
    expect(citedPassages(sources)).toMatchObject([{ number: 1, name: "notes.md", text: "Milk" }]);
  });

  it.each([
    null,
    {},
    "sources",
    [null, 3, "x"],
    [{ document: [] }],
    [{ document: "text" }],
    [{ document: [null, 4], metadata: null }],
  ])("are none in %j", (sources) => {
    expect(citedPassages(sources)).toEqual([]);
  });
});
