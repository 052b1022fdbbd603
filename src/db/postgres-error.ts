import { type ErrorCode, OffstageError } from "../errors.ts";

/** What a class of SQLSTATE, or one of them, means for who called; the longest prefix that fits counts. */
const meanings: Record<string, { code: ErrorCode; what: string; retryable?: boolean }> = {
  "08": { code: "unavailable", what: "The connection to PostgreSQL broke. Try again." },
  "23": { code: "conflict", what: "What was to be written contradicts what is there." },
  "25006": {
    code: "internal",
    what: "A write outside of database.write was refused, or PostgreSQL is a standby that takes no writes.",
  },
  "25P03": { code: "unavailable", what: "A write waited too long between its queries and was broken off." },
  "28": {
    code: "unavailable",
    what: "PostgreSQL refused the user or the password. Check DATABASE_URL.",
    retryable: false,
  },
  "3D": {
    code: "unavailable",
    what: "PostgreSQL has no such database. Create it, or check DATABASE_URL.",
    retryable: false,
  },
  "40": { code: "unavailable", what: "Others changed the same rows at the same time. Try again." },
  "42501": {
    code: "unavailable",
    what: "The user of DATABASE_URL may not do this: it has to own the tables.",
    retryable: false,
  },
  "53": { code: "unavailable", what: "PostgreSQL has no room for another connection or query. Try again." },
  "53100": { code: "storage_full", what: "The disk of PostgreSQL is full. Free some space." },
  "55P03": { code: "unavailable", what: "Others held the same rows for too long. Try again." },
  "57014": { code: "timed_out", what: "The query took too long and was broken off." },
  "57P": {
    code: "unavailable",
    what: "PostgreSQL is starting, stopping, or ended the connection. Try again.",
  },
  "58": {
    code: "storage_full",
    what: "PostgreSQL could not read or write its disk. Check its space and its health.",
  },
};

/** The five characters that PostgreSQL names an error by, or null for what went wrong on the way to it. */
export function sqlStateOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !("code" in thrown) || !("severity" in thrown)) return null;
  return String(thrown.code);
}

/** Whether pg threw this for a connection that is of no use any more, or that could not be made. */
export function isConnectionLost(thrown: unknown): boolean {
  if (thrown instanceof OffstageError) return false;
  const state = sqlStateOf(thrown);
  return state === null || /^(08|57P|25P03)/.test(state);
}

/**
 * Whether the same transaction may end otherwise when it is run again. A serialization failure or a deadlock may, as
 * often as need be; a contradiction may once, if what it contradicts was written since the transaction looked.
 */
export function mayEndOtherwise(thrown: unknown, runs: number): boolean {
  const state = sqlStateOf(thrown);
  if (state === "40001" || state === "40P01") return true;
  return (state === "23505" || state === "23503") && runs === 1;
}

/** What pg throws, as an OffstageError with PostgreSQL's code in its details; OffstageErrors as they are. */
export function postgresError(thrown: unknown): OffstageError {
  if (thrown instanceof OffstageError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const sqlState = sqlStateOf(thrown);
  if (sqlState === null) {
    return new OffstageError("unavailable", `PostgreSQL cannot be reached. Try again. pg said: ${message}`, {
      cause: thrown,
    });
  }
  const meaning = meanings[sqlState] ?? meanings[sqlState.slice(0, 3)] ?? meanings[sqlState.slice(0, 2)];
  const { code, what, retryable } = meaning ?? { code: "internal" as const, what: "A query failed." };
  return new OffstageError(code, `${what} PostgreSQL said: ${message} (${sqlState})`, {
    cause: thrown,
    details: { sqlState },
    ...(retryable === undefined ? {} : { retryable }),
  });
}
