import { DatabaseSync, type StatementSync } from "node:sqlite";
import { OffstageError } from "../errors.ts";
import type { SqlValue, Statement } from "./database.ts";
import { sqliteError } from "./sqlite-error.ts";
import { bindValues } from "./statement.ts";

const busyTimeoutMs = 5000;

/** One connection to a database file; everything on it is synchronous. Each statement is prepared once. */
export class SqliteConnection {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  /**
   * @throws OffstageError `unavailable` when the file cannot be opened, `bad_input` when its file system has no
   * write-ahead log, `internal` when it is no database.
   */
  constructor(path: string, options: { readOnly: boolean }) {
    this.database = new DatabaseSync(path, {
      open: false,
      readOnly: options.readOnly,
      enableForeignKeyConstraints: true,
      timeout: busyTimeoutMs,
    });
    try {
      this.database.open();
      if (!options.readOnly) useWriteAheadLog(this.database, path);
      // Whoever writes waits for the disk by WalSync.
      this.database.exec(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY",
      );
    } catch (thrown) {
      this.close();
      throw sqliteError(thrown);
    }
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  all<P, R>(statement: Statement<P, R>, params: P): R[] {
    return this.allRows(statement.sql, bindValues(statement, params)) as R[];
  }

  first<P, R>(statement: Statement<P, R>, params: P): R | undefined {
    const values = bindValues(statement, params);
    return this.#run(statement.sql, (prepared) => prepared.get(...values)) as R | undefined;
  }

  run<P, R>(statement: Statement<P, R>, params: P): number {
    const values = bindValues(statement, params);
    return Number(this.#run(statement.sql, (prepared) => prepared.run(...values)).changes);
  }

  /** The rows of any SQL, its values in the order of its placeholders. */
  allRows(sql: string, values: readonly SqlValue[]): unknown[] {
    return this.#run(sql, (prepared) => prepared.all(...values));
  }

  /** Runs SQL that takes and gives nothing. */
  command(sql: string): void {
    this.#run(sql, (prepared) => prepared.run());
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  #run<T>(sql: string, use: (prepared: StatementSync) => T): T {
    try {
      let prepared = this.#prepared.get(sql);
      if (prepared === undefined) {
        prepared = this.database.prepare(sql);
        this.#prepared.set(sql, prepared);
      }
      return use(prepared);
    } catch (thrown) {
      throw sqliteError(thrown);
    }
  }
}

function useWriteAheadLog(database: DatabaseSync, path: string): void {
  const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
  if (mode === "wal") return;
  throw new OffstageError(
    "bad_input",
    `${path} cannot be used: its file system gives SQLite no write-ahead log (journal mode ${mode}). Choose a folder on a local disk.`,
  );
}
