import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { startPostgres, type TestPostgres } from "./postgres.ts";

/** A database engine that a test of whole servers runs on. */
export interface Engine {
  name: "SQLite" | "PostgreSQL";
  /** False where the machine has none; that was printed. */
  isHere: boolean;
  /** What a server needs in its environment to use an empty database, and how that is let go. */
  createDatabase(): Promise<ServerDatabase>;
}

export interface ServerDatabase {
  env: Record<string, string>;
  /** Undefined where it lies in the server's data folder. */
  url: string | undefined;
  /** Looks into it beside the server. */
  query(dataDir: string, sql: string): Promise<unknown[]>;
  drop(): Promise<void>;
}

/**
 * The engines that whole servers are tested on: both, or PostgreSQL alone where `scripts/postgres.ts` says so. Call `stop` in
 * the end.
 */
export async function startEngines(): Promise<{ engines: Engine[]; stop(): Promise<void> }> {
  const postgres = await startPostgres();
  const sqlite: Engine = {
    name: "SQLite",
    isHere: true,
    createDatabase: async () => ({
      env: {},
      url: undefined,
      async query(dataDir, sql) {
        const database = new DatabaseSync(join(dataDir, "offstage.sqlite"), { readOnly: true });
        try {
          return database.prepare(sql).all();
        } finally {
          database.close();
        }
      },
      drop: async () => {},
    }),
  };
  const engines = [postgresEngine(postgres)];
  if (process.env.OFFSTAGE_TEST_DATABASE !== "postgres") engines.unshift(sqlite);
  return { engines, stop: async () => postgres?.stop() };
}

function postgresEngine(postgres: TestPostgres | null): Engine {
  return {
    name: "PostgreSQL",
    isHere: postgres !== null,
    async createDatabase() {
      const url = await postgres!.createDatabase();
      return {
        url,
        env: { DATABASE_URL: url },
        async query(_dataDir, sql) {
          const client = new pg.Client({ connectionString: url });
          await client.connect();
          try {
            return (await client.query(sql)).rows;
          } finally {
            await client.end();
          }
        },
        drop: () => postgres!.dropDatabase(url),
      };
    },
  };
}
