import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { Kysely } from "kysely";
import type { Database } from "./database.ts";
import { createNodeSqliteDialect } from "./kysely-on-node-sqlite.ts";
import { migrate } from "./migrations/migrate.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteScanner } from "./sqlite-scanner.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import { WalSync } from "./wal-sync.ts";

/**
 * Opens the database file `path` (made with mode 0600 if it is not there) and migrates it. Writes have a connection of
 * their own, so that reads beside them, also those of the `Database` itself within a `write`, see committed data only
 * and wait for nobody. Text is UTF-8: half of a surrogate pair, which JSON text escapes, is kept as U+FFFD elsewhere.
 * While another process writes, a write waits for it up to 5 s and blocks the thread.
 * @throws OffstageError `unavailable` when the file cannot be opened, is locked by another process or was migrated by
 * a newer offstage; `bad_input` when its file system has no write-ahead log; `internal` when it is damaged.
 */
export async function openSqlite(options: { path: string }): Promise<Database> {
  const path = resolve(options.path);
  createPrivateFile(path);
  const writing = new SqliteConnection(path, { readOnly: false });
  try {
    await migrateSqlite(writing);
  } catch (error) {
    writing.close();
    throw error;
  }
  const reading = new SqliteConnection(path, { readOnly: true });
  const walSync = new WalSync(path);
  const writer = new SqliteWriter(writing, walSync);
  const scanner = new SqliteScanner(path);
  const closeAll = async () => {
    await Promise.all([writer.close(), scanner.close()]);
    walSync.close();
    reading.close();
    writing.close();
  };
  let closing: Promise<void> | undefined;
  return {
    engine: "sqlite",
    all: async (statement, params) => reading.all(statement, params),
    first: async (statement, params) => reading.first(statement, params),
    run: async (statement, params) => reading.run(statement, params),
    write: (work) => writer.write(work),
    scan: (statement, params) => scanner.scan(statement, params),
    depths: () => [{ queue: "database", state: "waiting", count: writer.depth }],
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

/**
 * SQLite gives its other files the mode of this one. A file that is there is not opened: closing it would free the
 * locks that this process holds on it.
 */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch {
    // It is there, or SQLite will say what is wrong with it.
  }
}

async function migrateSqlite(connection: SqliteConnection): Promise<void> {
  connection.command("BEGIN IMMEDIATE");
  try {
    await migrate(new Kysely({ dialect: createNodeSqliteDialect(connection.database) }), "sqlite");
    connection.command("COMMIT");
  } catch (error) {
    if (connection.inTransaction) connection.command("ROLLBACK");
    throw error;
  }
}
