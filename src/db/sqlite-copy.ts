import { chmodSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { OffstageError } from "../errors.ts";
import { sqliteError } from "./sqlite-error.ts";

/** All pages in one step: the copy is of one moment, whatever others write meanwhile. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies a database as it is at one moment, also while a server writes to it, into one new file that needs no other beside
 * it (mode 0600).
 * @throws OffstageError where the database cannot be read or the disk is full
 */
export async function copySqlite(from: string, to: string): Promise<void> {
  try {
    const source = new DatabaseSync(from, { readOnly: true, timeout: 30_000 });
    try {
      await backup(source, to, { rate: ALL_PAGES });
    } finally {
      source.close();
    }
    const copy = new DatabaseSync(to);
    copy.exec("PRAGMA journal_mode = DELETE");
    copy.close();
    chmodSync(to, 0o600);
  } catch (thrown) {
    throw sqliteError(thrown);
  }
}

/**
 * Looks through a database file, which nobody else may have open, for damage.
 * @returns the SHA-256 of all files' bytes that it speaks of
 * @throws OffstageError `internal` for a damaged one, `unavailable` for none
 */
export function examineSqlite(path: string): string[] {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const [first] = database.prepare("PRAGMA integrity_check").all();
      const strays = database.prepare("PRAGMA foreign_key_check").all();
      if (first?.integrity_check !== "ok" || strays.length > 0) {
        const found =
          first?.integrity_check === "ok" ? "rows whose owner is missing" : first?.integrity_check;
        throw new OffstageError("internal", `${path} is damaged: ${found}.`);
      }
      const rows = database.prepare("SELECT DISTINCT hash FROM content").all();
      return rows.map(({ hash }) => String(hash));
    } finally {
      database.close();
    }
  } catch (thrown) {
    throw sqliteError(thrown);
  }
}
