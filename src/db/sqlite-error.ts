import { OffstageError } from "../errors.ts";

/** SQLite's primary result codes that mean something else than a bug of ours (sqlite.org/rescode.html). */
const resultCode = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** Whether node:sqlite threw this because another connection holds a lock. */
export function isBusy(thrown: unknown): boolean {
  return (
    thrown instanceof Error && "errcode" in thrown && (Number(thrown.errcode) & 0xff) === resultCode.busy
  );
}

/** What any use of a closed database is rejected with. */
export function databaseClosed(cause?: unknown): OffstageError {
  return new OffstageError("unavailable", "The database is closed.", { cause, retryable: false });
}

/** A failed write to the disk, told by the system and not by SQLite. */
export function sqliteDiskError(cause: Error): OffstageError {
  return new OffstageError(
    "storage_full",
    `The disk refused to keep what was written. Check its space and its health, then start again. It said: ${cause.message}`,
    { cause },
  );
}

/** What node:sqlite throws, as an OffstageError with the SQLite result code in its details; others as they are. */
export function sqliteError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("code" in thrown)) return thrown;
  if (thrown.code === "ERR_INVALID_STATE") {
    return databaseClosed(thrown);
  }
  if (thrown.code !== "ERR_SQLITE_ERROR" || !("errcode" in thrown)) return thrown;
  const errcode = Number(thrown.errcode);
  const said = `SQLite said: ${thrown.message} (${errcode})`;
  const options = { cause: thrown, details: { errcode } };
  switch (errcode & 0xff) {
    case resultCode.full:
      return new OffstageError(
        "storage_full",
        `The disk or the database is full. Free some space. ${said}`,
        options,
      );
    case resultCode.inputOutput:
      return new OffstageError(
        "storage_full",
        `The disk refused to read or write. Check its space, its health and its permissions. ${said}`,
        options,
      );
    case resultCode.busy:
    case resultCode.locked:
      return new OffstageError(
        "unavailable",
        `Another process kept the database locked for too long. Try again, or stop that process. ${said}`,
        options,
      );
    case resultCode.cannotOpen:
      return new OffstageError(
        "unavailable",
        `The database cannot be opened. Check that its folder exists and may be written to. ${said}`,
        { ...options, retryable: false },
      );
    case resultCode.corrupt:
    case resultCode.notADatabase:
      return new OffstageError("internal", `The database is damaged. Restore a backup. ${said}`, options);
    case resultCode.readOnly:
      return new OffstageError("internal", `A write outside of database.write was refused. ${said}`, options);
    case resultCode.constraint:
      return new OffstageError(
        "conflict",
        `What was to be written contradicts what is there. ${said}`,
        options,
      );
    default:
      return new OffstageError("internal", said, options);
  }
}
