import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Caller, createCaller } from "./http.ts";
import type { TestPostgres } from "./postgres.ts";
import { startProvider, type TestProvider } from "./provider.ts";
import { type ServeChild, spawnServe } from "./serve-child.ts";
import { signUp } from "./server.ts";

/** Two `offstage serve` on one PostgreSQL, each with a data folder of its own, and the provider behind both. */
export interface TwoNodes {
  provider: TestProvider;
  /** The first user, an admin, calling the first and the second server with one token. */
  owner: readonly [Caller, Caller];
  urls: readonly [string, string];
  databaseUrl: string;
  /** SIGKILL. */
  kill(node: 0 | 1): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(node: 0 | 1): Promise<number | null>;
  /** Starts a server that has ended again, on its folder; on another port. */
  start(node: 0 | 1): Promise<void>;
  signal(node: 0 | 1, signal: NodeJS.Signals): void;
  /** Ends the servers' connections to the database: all, or those that bring events. */
  cutOff(which: "all" | "events"): Promise<void>;
  query(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openTwoNodes(
  postgres: TestPostgres,
  env: (providerUrl: string) => Record<string, string> = () => ({}),
): Promise<TwoNodes> {
  const databaseUrl = await postgres.createDatabase();
  const provider = await startProvider({ strict: true });
  const folders = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), "offstage-node-"))));
  const start = (node: 0 | 1) =>
    spawnServe(folders[node]!, provider.url, {
      DATABASE_URL: databaseUrl,
      OFFSTAGE_LOG: "error",
      ...env(provider.url),
    });
  const nodes: [ServeChild, ServeChild] = await Promise.all([start(0), start(1)]);
  const first = await signUp(nodes[0].url, "owner");
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: "test" });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    provider,
    databaseUrl,
    get owner() {
      return [createCaller(nodes[0].url, first.token), createCaller(nodes[1].url, first.token)] as const;
    },
    get urls() {
      return [nodes[0].url, nodes[1].url] as const;
    },
    kill: (node) => nodes[node].kill(),
    stop: (node) => nodes[node].stop(),
    async start(node) {
      nodes[node] = await start(node);
    },
    signal: (node, signal) => void nodes[node].process.kill(signal),
    async cutOff(which) {
      const names = which === "all" ? "like 'offstage%'" : "= 'offstage events'";
      await query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name ${names}`,
      );
    },
    query,
    async close() {
      await Promise.all(nodes.map((node) => node.kill()));
      await provider.close();
      await postgres.dropDatabase(databaseUrl);
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
