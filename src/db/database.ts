import type { CompiledQuery, Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/** A value that a statement binds: what both engines take as they are. Booleans are 0 and 1, JSON is text. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** A query that Kysely built once; `Params` names what it takes at each run, `Row` is what it gives. */
export interface Statement<Params, Row> {
  readonly sql: string;
  /**
   * How PostgreSQL runs it within a write whose decision rests on the rows that it finds: nobody else changes them until
   * the write ends. Absent where nothing is to be held, and in SQLite, which has one writer.
   */
  readonly holdingSql?: string;
  /** Where each placeholder's value comes from: a name in `Params`, or a constant of the query. */
  readonly bindings: readonly ({ param: keyof Params & string } | { value: SqlValue })[];
  /** Types only; never set. */
  readonly types?: { params: Params; row: Row };
}

/** Stands in a query for a value that each run names. */
export type Placeholder<Params> = <Name extends keyof Params & string>(name: Name) => Params[Name];

/** Runs statements; on a transaction or outside of one. */
export interface Queries {
  all<P, R>(statement: Statement<P, R>, params: P): Promise<R[]>;
  first<P, R>(statement: Statement<P, R>, params: P): Promise<R | undefined>;
  /** Resolves with the number of rows changed. */
  run<P, R>(statement: Statement<P, R>, params: P): Promise<number>;
}

/** The queries of one write. Those that are asked for together go out together, and run in that order. */
export interface Writing extends Queries {
  /**
   * Says that nothing follows what has been asked for: the commit may go out behind it, before it is answered. A query that
   * fails still takes all of it back; a work that throws for another reason from here on is committed nevertheless.
   */
  endHere(): void;
}

/**
 * One database, SQLite or PostgreSQL. Reads see committed data. Writes go through `write`, whose work runs
 * read-decide-write in one transaction and must await nothing but its own queries.
 */
export interface Database extends Queries {
  readonly engine: "sqlite" | "postgres";
  /**
   * Resolves after the commit, which is on the disk. Work that throws is rolled back alone. Two works that read the same
   * row by a statement that holds it run one after the other; SQLite runs all of them so. PostgreSQL may run a work again
   * from its start, where others got in its way: it changes nothing outside that would not bear it.
   * @throws OffstageError `storage_full`, `conflict`, `unavailable`; whatever the work throws.
   */
  write<T>(work: (tx: Writing) => Promise<T>): Promise<T>;
  /** Runs a read that may take long, off the main thread and beside the connections that all others need. */
  scan<P, R>(statement: Statement<P, R>, params: P): Promise<R[]>;
  /** What waits or is in use now, for the server's figures. */
  depths(): { queue: string; state: string; count: number }[];
  close(): Promise<void>;
}

/** Builds a statement once, at start-up. Kysely only spells the SQL; nothing is run. */
export type Build<Params, Row> = (
  kysely: Kysely<Schema>,
  param: Placeholder<Params>,
) => { compile(): CompiledQuery<Row> };
