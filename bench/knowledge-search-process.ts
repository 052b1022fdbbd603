/**
 * `node bench/knowledge-search-process.ts TASK`: searches a database file in a process of its own, whose memory is
 * nobody else's. TASK is a `SearchTask` as JSON; what it prints is a `SearchTimes` as JSON.
 */
import { MINILM_NAME } from "../src/server/knowledge/embedding/minilm-model.ts";
import { SqliteChunkSearch } from "../src/server/knowledge/retrieval/sqlite/sqlite-chunk-search.ts";
import { residentMiB } from "./child-process.ts";
import { type ChunkPlan, type MadeQuery, makeContents, makeQueries } from "./knowledge-chunks.ts";

/** How many chunks each search finds, as many as the server's own take. */
const LIMIT = 40;
const NEAREST = 10;
const WARM_UPS = 20;

export interface SearchTask {
  databasePath: string;
  plan: ChunkPlan;
  /** In which contents to search, by the scope's name. */
  scopes: Record<string, string[]>;
  /** Counted searches in each scope; those of the first scope are also made by vectors alone. */
  searches: number;
}

export interface SearchTimes {
  /** The first search in a new process. */
  coldMs: number;
  /** Of each counted search. */
  scopes: Record<string, number[]>;
  /** The ids of the nearest ten to each query, by vectors alone. */
  nearest: number[][];
  /** Before the first search and after the last. */
  residentMiB: [before: number | null, after: number | null];
}

/** The queries of a task: each looks for a chunk of another content. */
export function queriesOf(plan: ChunkPlan, count: number): MadeQuery[] {
  const contents = Math.ceil(plan.chunks / plan.chunksPerContent);
  const step = Math.max(1, Math.floor(contents / count));
  const wanted = makeContents(plan)
    .filter((_, index) => index % step === 0)
    .map((chunks, index) => chunks[index % chunks.length]!)
    .take(count);
  return makeQueries([...wanted]);
}

async function search(task: SearchTask): Promise<SearchTimes> {
  const queries = queriesOf(task.plan, task.searches);
  const search = new SqliteChunkSearch({ path: task.databasePath });
  const find = (query: MadeQuery, contentIds: readonly string[], limit: number) =>
    search.search({ ...query, embedder: MINILM_NAME, contentIds, limit });
  const timed = async (query: MadeQuery, contentIds: readonly string[]) => {
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
  process.stdout.write(JSON.stringify(await search(JSON.parse(process.argv[2]!) as SearchTask)));
}
