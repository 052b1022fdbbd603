import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isBusy, sqliteError } from "./sqlite-error.ts";

/** Held until it is released or the process dies, however it dies. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock of a data folder, or gives null when another holder, in this process or another one, has it. The lock
 * is an open transaction on `offstage.lock` there, which stays empty. Never open that file otherwise: closing it
 * frees the process's lock (POSIX).
 * @throws OffstageError `unavailable` when the file cannot be made.
 */
export function lockFolder(dataDir: string): FolderLock | null {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(dataDir, "offstage.lock"), { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
  } catch (thrown) {
    database?.close();
    if (isBusy(thrown)) return null;
    throw sqliteError(thrown);
  }
  const holder = database;
  return { release: () => holder.close() };
}
