/**
 * `node bench/knowledge-search-process.ts FILE`: searches a database in a process of its own, whose memory is nobody
 * else's. The file holds a `SearchTask` as JSON; what it prints is a `SearchTimes` as JSON.
 */
import { readFile } from "node:fs/promises";
import { MINILM_NAME } from "../src/server/knowledge/embedding/minilm-model.ts";
import { SqliteChunkSearch } from "../src/server/knowledge/retrieval/sqlite/sqlite-chunk-search.ts";
import { residentMiB } from "./child-process.ts";

/** How many chunks each search finds, as many as the server's own take. */
const LIMIT = 40;
const NEAREST = 10;
const WARM_UPS = 20;

export interface SearchTask {
  databasePath: string;
  queries: { text: string; vector: number[] }[];
  /** In which contents to search, by the scope's name. */
  scopes: Record<string, string[]>;
}

export interface SearchTimes {
  /** The first search in a new process. */
  coldMs: number;
  /** Of each counted search. */
  scopes: Record<string, number[]>;
  /** The ids of the nearest ten to each query in the first scope, by vectors alone. */
  nearest: number[][];
  /** Before the first search and after the last. */
  residentMiB: [before: number | null, after: number | null];
}

interface Query {
  text: string;
  vector: Float32Array;
}

async function search(task: SearchTask): Promise<SearchTimes> {
  const queries = task.queries.map(({ text, vector }) => ({ text, vector: Float32Array.from(vector) }));
  const search = new SqliteChunkSearch({ path: task.databasePath });
  const find = (query: Query, contentIds: readonly string[], limit: number) =>
    search.search({ ...query, embedder: MINILM_NAME, contentIds, limit });
  const timed = async (query: Query, contentIds: readonly string[]) => {
    const startedAtMs = performance.now();
    await find(query, contentIds, LIMIT);
    return performance.now() - startedAtMs;
  };

  const before = await residentMiB(process.pid);
  const all = Object.values(task.scopes)[0]!;
  const coldMs = await timed(queries[0]!, all);
  const scopes: Record<string, number[]> = {};
  for (const [name, contentIds] of Object.entries(task.scopes)) {
    for (const query of queries.slice(0, WARM_UPS)) await timed(query, contentIds);
    const times: number[] = [];
    for (const query of queries) times.push(await timed(query, contentIds));
    scopes[name] = times;
  }
  const nearest: number[][] = [];
  for (const { vector } of queries) {
    nearest.push((await find({ text: "", vector }, all, NEAREST)).map(({ id }) => id));
  }
  const after = await residentMiB(process.pid);
  await search.close();
  return { coldMs, scopes, nearest, residentMiB: [before, after] };
}

if (import.meta.main) {
  const task = JSON.parse(await readFile(process.argv[2]!, "utf8")) as SearchTask;
  process.stdout.write(JSON.stringify(await search(task)));
}
