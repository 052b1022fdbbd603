import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SqliteConnection } from "../src/db/sqlite-connection.ts";
import { decodeVector } from "../src/server/knowledge/retrieval/vector-bytes.ts";
import { runToEnd } from "./child-process.ts";
import { type ChunkPlan, makeQueries } from "./knowledge-chunks.ts";
import type { FilledKnowledge } from "./knowledge-database.ts";
import type { SearchTask, SearchTimes } from "./knowledge-search-process.ts";
import type { Measure } from "./report.ts";
import { percentilesOf } from "./statistics.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** Searches all of a collection, a tenth of it and one file; compares the nearest with the exact ones. */
export async function measureSearch(
  root: string,
  { databasePath, contentIds }: FilledKnowledge,
  { plan, searches }: { plan: ChunkPlan; searches: number },
): Promise<Measure[]> {
  const queries = makeQueries(plan, searches);
  const task: SearchTask = {
    databasePath,
    queries: queries.map(({ text, vector }) => ({ text, vector: [...vector] })),
    scopes: {
      all: contentIds,
      "a tenth": contentIds.filter((_, index) => index % 10 === 0),
      "one file": contentIds.slice(0, 1),
    },
  };
  const taskFile = join(createTemporaryFolder(), "task.json");
  await writeFile(taskFile, JSON.stringify(task));
  const output = await runToEnd(["bench/knowledge-search-process.ts", taskFile], root);
  const times = JSON.parse(output) as SearchTimes;
  const exact = nearestOf(
    databasePath,
    queries.map(({ vector }) => vector),
    10,
  );
  const [before, after] = times.residentMiB.map((value) => value ?? Number.NaN);
  return [
    { name: "search, the first in a process", value: times.coldMs, unit: "ms" },
    ...Object.entries(times.scopes).flatMap(([scope, samples]): Measure[] => {
      const { p50, p95, max } = percentilesOf(samples);
      return [
        { name: `search in ${scope}: p50`, value: p50, unit: "ms" },
        { name: `search in ${scope}: p95`, value: p95, unit: "ms" },
        { name: `search in ${scope}: max`, value: max, unit: "ms" },
      ];
    }),
    { name: "nearest ten that are found", value: 100 * recall(times.nearest, exact), unit: "%" },
    { name: "resident: a process before it searches", value: before!, unit: "MiB" },
    { name: "resident: a process that has searched", value: after!, unit: "MiB" },
  ];
}

/** The share of the exact ones that were found, over all queries. */
export function recall(found: readonly (readonly number[])[], exact: readonly (readonly number[])[]): number {
  let hits = 0;
  let wanted = 0;
  for (const [index, ids] of exact.entries()) {
    const all = new Set(found[index]);
    hits += ids.filter((id) => all.has(id)).length;
    wanted += ids.length;
  }
  return hits / wanted;
}

/** The ids of the `count` chunks of a database whose vectors have the highest cosines with each query, in no order. */
export function nearestOf(databasePath: string, queries: readonly Float32Array[], count: number): number[][] {
  const connection = new SqliteConnection(databasePath, { readOnly: true });
  try {
    const rows = connection.allRows("select chunk_id as id, vector from chunk_vector", []) as {
      id: number;
      vector: Uint8Array;
    }[];
    const vectors = rows.map(({ vector }) => decodeVector(vector));
    return queries.map((query) => {
      const cosines = Float64Array.from(vectors, (vector) => dot(query, vector));
      const least = cosines.toSorted().at(-count) ?? Number.NEGATIVE_INFINITY;
      return rows.filter((_, place) => cosines[place]! >= least).map(({ id }) => id);
    });
  } finally {
    connection.close();
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
