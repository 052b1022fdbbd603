import { parentPort, workerData } from "node:worker_threads";
import { asOffstageError, type ErrorCode } from "../errors.ts";
import type { SqlValue } from "./database.ts";
import { SqliteConnection } from "./sqlite-connection.ts";

/** A query for this thread, its values in the order of its placeholders. */
export interface ScanRequest {
  id: number;
  sql: string;
  values: readonly SqlValue[];
}

/** What became of it: its rows, or what an OffstageError is rebuilt from. */
export type ScanReply =
  | { id: number; rows: unknown[] }
  | { id: number; code: ErrorCode; message: string; details: Record<string, unknown> };

const connection = new SqliteConnection(workerData.path, { readOnly: true });
// SQLite's own lower() folds ASCII only; PostgreSQL's folds all letters.
connection.database.function("lower", { deterministic: true }, (text) =>
  typeof text === "string" ? text.toLowerCase() : text,
);

parentPort?.on("message", ({ id, sql, values }: ScanRequest) => {
  parentPort?.postMessage(answer(id, sql, values));
});

function answer(id: number, sql: string, values: readonly SqlValue[]): ScanReply {
  try {
    return { id, rows: connection.allRows(sql, values) };
  } catch (thrown) {
    const { code, message, details } = asOffstageError(thrown);
    return { id, code, message, details };
  }
}
