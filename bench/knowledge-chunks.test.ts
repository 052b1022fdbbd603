import { expect, test } from "vitest";
import { type MadeChunk, makeContents, makeQueries, makeQueriesTo, spell } from "./knowledge-chunks.ts";

const plan = { chunks: 90, chunksPerContent: 20, dimensions: 384 };
const contents = [...makeContents(plan)];
const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, number, index) => sum + number * b[index]!, 0);

test("the same plan makes the same chunks, as many as it says", () => {
  expect([...makeContents(plan)]).toEqual(contents);
  expect(contents.map((chunks) => chunks.length)).toEqual([20, 20, 20, 20, 10]);
});

test("vectors have length 1, and are nearer in one content than on one topic or anywhere", () => {
  const [content = [], sameTopic = [], , , elsewhere = []] = contents;
  const mean = (a: readonly MadeChunk[], b: readonly MadeChunk[]) => {
    const cosines = a.flatMap(({ vector }, index) =>
      b.slice(index + 1).map((to) => cosine(vector, to.vector)),
    );
    return cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
  };
  for (const { vector } of content) expect(cosine(vector, vector)).toBeCloseTo(1, 5);
  expect(mean(content, content)).toBeCloseTo(0.55, 1);
  expect(mean(content, sameTopic)).toBeCloseTo(0.35, 1);
  expect(mean(content, elsewhere)).toBeCloseTo(0.05, 1);
});

test("a query is near its chunk, and holds words of it", () => {
  const chunk = contents[1]![3]!;
  const [query] = makeQueriesTo([chunk]);
  expect(cosine(query!.vector, chunk.vector)).toBeCloseTo(0.67, 1);
  const words = new Set(chunk.text.split(" "));
  expect(query!.text.split(" ").filter((word) => words.has(word)).length).toBeGreaterThanOrEqual(5);
});

test("queries look for chunks of contents all over the plan", () => {
  const queries = makeQueries(plan, 2);
  expect(queries).toEqual(makeQueriesTo([contents[0]![0]!, contents[2]![1]!]));
  expect(makeQueries(plan, 50)).toHaveLength(contents.length);
});

test("every number has a word of its own", () => {
  const words = Array.from({ length: 30_000 }, (_, rank) => spell(rank));
  expect(new Set(words).size).toBe(words.length);
  expect(words.every((word) => /^[a-z]{4,8}$/.test(word))).toBe(true);
});
