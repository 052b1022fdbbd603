import { describe, expect, it } from "vitest";
import { findKnowledge } from "./find-knowledge.ts";

const ALL = [
  { id: "1", name: "Geo" },
  { id: "2", name: "geo" },
  { id: "3", name: "Boats" },
  { id: "4", name: "Twins" },
  { id: "5", name: "Twins" },
  { id: "6", name: "1" },
];

describe("the collection that a name means", () => {
  it.each([
    ["3", "3"],
    ["1", "1"],
    ["Boats", "3"],
    ["bOATS", "3"],
    ["Geo", "1"],
    ["geo", "2"],
  ])("%s is %s", (wanted, id) => {
    expect(findKnowledge(ALL, wanted).id).toBe(id);
  });

  it.each([
    ["GEO", /2 collections are called "GEO": 1 \("Geo"\), 2 \("geo"\)/],
    ["Twins", /2 collections are called "Twins"/],
    ["Boat", /No collection has the name or id "Boat". Those that you may read: "Geo"/],
  ])("%s is refused with what there is", (wanted, sentence) => {
    const find = () => findKnowledge(ALL, wanted);
    expect(find).toThrow(sentence);
    expect(find).toThrow(expect.objectContaining({ code: "bad_input" }));
  });

  it("is refused where there is none at all", () => {
    expect(() => findKnowledge([], "Geo")).toThrow(/There is none that you may read/);
  });
});
