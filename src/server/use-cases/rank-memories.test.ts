import { expect, test } from "vitest";
import type { MemoryTable } from "../../db/schema.ts";
import { rankByWords } from "./rank-memories.ts";

const memoriesOf = (...contents: string[]): MemoryTable[] =>
  contents.map((content) => ({
    id: content,
    user_id: "u",
    type: "context",
    content,
    created_at_sec: 0,
    updated_at_sec: 0,
    embedder: null,
    vector: null,
  }));

test.each([
  { asked: "Where is my bicycle?", memories: ["my car", "My Bicycle is red"], found: ["My Bicycle is red"] },
  { asked: "the of and", memories: ["the of and"], found: [] },
  { asked: "", memories: ["anything"], found: [] },
  { asked: "bees", memories: [], found: [] },
  {
    asked: "bees in Olten",
    memories: ["bees here", "bees there", "Olten is far", "bees in Olten"],
    found: ["bees in Olten", "Olten is far", "bees here", "bees there"],
  },
])("$asked: rare words tell more than common ones", ({ asked, memories, found }) => {
  expect(rankByWords(memoriesOf(...memories), [asked]).map(({ memory }) => memory.id)).toEqual(found);
});

test("a memory that has all words that were asked for scores 1", () => {
  const [best] = rankByWords(memoriesOf("bees in Olten", "tea"), ["Olten bees?"]);
  expect(best!.score).toBeCloseTo(1);
});
