import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { startPostgres } from "../test/support/postgres.ts";

/** Where the server under load keeps everything. */
export interface LoadDatabase {
  name: "SQLite" | "PostgreSQL";
  /** What the server needs in its environment. */
  env: Record<string, string>;
  /** Looks into it beside the server. Resolves with the first row's first value. */
  queryNumber(sql: string): Promise<number>;
  /** What the engine itself finds wrong with its file; empty where nothing is. */
  findDamage(): Promise<string[]>;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

/** In the data folder. */
export function openSqliteFolder(dataDir: string): LoadDatabase {
  const read = <T>(look: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(join(dataDir, "offstage.sqlite"), { readOnly: true });
    try {
      return look(database);
    } finally {
      database.close();
    }
  };
  return {
    name: "SQLite",
    env: { DATABASE_URL: "" },
    queryNumber: async (sql) =>
      read((database) => Number(Object.values(database.prepare(sql).get() as Record<string, unknown>)[0])),
    findDamage: async () =>
      read((database) => {
        const findings = database.prepare("pragma integrity_check").all() as { integrity_check: string }[];
        const strays = database.prepare("pragma foreign_key_check").all();
        const said = findings.map(({ integrity_check }) => integrity_check).filter((text) => text !== "ok");
        return strays.length === 0 ? said : [...said, `${strays.length} rows point to nothing`];
      }),
    async bytes() {
      let sum = 0;
      for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
      }
      return sum;
    },
    async close() {},
  };
}

/**
 * The empty database that `DATABASE_URL` names, else one of a PostgreSQL of our own that keeps its commits as a real one does.
 * Resolves with null, which was printed, where there is none.
 */
export async function openPostgres(): Promise<LoadDatabase | null> {
  const given = process.env.DATABASE_URL;
  const own = given ? null : await startPostgres({ durable: true });
  if (!given && !own) return null;
  const url = given ?? (await own!.createDatabase());
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const queryNumber = async (sql: string) => Number(Object.values((await pool.query(sql)).rows[0])[0]);
  return {
    name: "PostgreSQL",
    env: { DATABASE_URL: url },
    queryNumber,
    // It checks what it reads, and holds its references in every transaction.
    findDamage: async () => [],
    bytes: () => queryNumber("select pg_database_size(current_database())"),
    async close() {
      await pool.end();
      await own?.stop();
    },
  };
}
