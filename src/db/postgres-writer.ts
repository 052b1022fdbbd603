import pRetry from "p-retry";
import type { PoolClient, QueryResult } from "pg";
import { OffstageError } from "../errors.ts";
import type { Statement, Writing } from "./database.ts";
import { isConnectionLost, mayEndOtherwise, postgresError } from "./postgres-error.ts";
import { type PostgresPool, runOn } from "./postgres-pool.ts";
import { bindValues } from "./statement.ts";

/** A work that others get in the way of is run again at most this often. */
const AGAIN = { retries: 5, minTimeout: 5, factor: 2, randomize: true };

/**
 * Runs a work in a transaction of its own. Statements that hold what they find keep two works, also of two processes,
 * from deciding on the same rows. A work that ran into a deadlock, that contradicts what was written since it looked, or
 * that had no answer yet when its connection was lost, is run again from its start.
 * @throws OffstageError `unavailable`, `conflict`, `storage_full`; whatever the work throws
 */
export async function writeTo<T>(pool: PostgresPool, work: (tx: Writing) => Promise<T>): Promise<T> {
  let runs = 0;
  let isWorthAnother = false;
  const attempt = async (): Promise<T> => {
    let transaction: Transaction | undefined;
    runs += 1;
    try {
      return await pool.use((client) => {
        transaction = new Transaction(client);
        return runIn(transaction, work);
      });
    } catch (thrown) {
      isWorthAnother = transaction?.mayEndOtherwise(runs) ?? false;
      throw thrown;
    }
  };
  return await pRetry(attempt, { ...AGAIN, shouldRetry: () => isWorthAnother });
}

async function runIn<T>(transaction: Transaction, work: (tx: Writing) => Promise<T>): Promise<T> {
  try {
    const value = await work(transaction);
    await transaction.commit();
    return value;
  } catch (thrown) {
    await transaction.rollBack();
    throw thrown;
  }
}

/** The queries of one run of a work; refused once it has ended. */
class Transaction implements Writing {
  readonly #client: PoolClient;
  readonly #begun: Promise<unknown>;
  /** On its way behind the work's last queries. */
  #committed: Promise<unknown> | null = null;
  #isCorked = false;
  #state: "open" | "committing" | "over" = "open";
  #hasAnswered = false;
  /** What pg threw first; a transaction can only be rolled back after it. */
  #failure: unknown;

  constructor(client: PoolClient) {
    this.#client = client;
    this.#cork();
    this.#begun = client.query("begin isolation level read committed read write");
    // `commit` tells; until then the work's first query, which is on its way behind it, fails for the same reason.
    this.#begun.catch(() => {});
  }

  async all<P, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
    return (await this.#query(statement, params)).rows;
  }

  async first<P, R>(statement: Statement<P, R>, params: P): Promise<R | undefined> {
    return (await this.#query(statement, params)).rows[0];
  }

  async run<P, R>(statement: Statement<P, R>, params: P): Promise<number> {
    return (await this.#query(statement, params)).rowCount ?? 0;
  }

  endHere(): void {
    if (this.#committed !== null) return;
    this.#state = "committing";
    this.#cork();
    this.#committed = this.#client.query("commit");
    // `commit` tells.
    this.#committed.catch(() => {});
  }

  /** A work that went on after one of its queries had failed is not committed. */
  async commit(): Promise<void> {
    if (this.#failure !== undefined) throw this.#told(this.#failure);
    this.#state = "committing";
    try {
      await this.#begun;
      await (this.#committed ?? this.#client.query("commit"));
    } catch (thrown) {
      this.#failure ??= thrown;
    }
    if (this.#failure !== undefined) throw this.#told(this.#failure);
    this.#state = "over";
  }

  /** Leaves nothing open on the connection. */
  async rollBack(): Promise<void> {
    this.#state = "over";
    if (this.#failure !== undefined && isConnectionLost(this.#failure)) return;
    try {
      await this.#client.query("rollback");
    } catch {
      // PostgreSQL rolls back what an ended connection left open.
      await this.#client.end();
    }
  }

  /** Whether another run of the work, which has been run so many times, is safe and may end otherwise. */
  mayEndOtherwise(runs: number): boolean {
    if (this.#failure === undefined) return false;
    if (this.#committed !== null && isConnectionLost(this.#failure)) return false;
    return this.#hasAnswered ? mayEndOtherwise(this.#failure, runs) : isConnectionLost(this.#failure);
  }

  async #query<P, R>(statement: Statement<P, R>, params: P): Promise<QueryResult<never>> {
    if (this.#state !== "open")
      throw new OffstageError("internal", "A query came after its write had ended. Await every query.");
    try {
      const sql = statement.holdingSql ?? statement.sql;
      this.#cork();
      const result = await runOn(this.#client, sql, bindValues(statement, params));
      this.#hasAnswered = true;
      return result;
    } catch (thrown) {
      if (thrown instanceof OffstageError) throw thrown;
      this.#failure ??= thrown;
      throw this.#told(thrown);
    }
  }

  /** What pg threw, as whoever called is told it. */
  #told(thrown: unknown): OffstageError {
    const isOnItsWay = this.#state === "committing" && isConnectionLost(thrown);
    return isOnItsWay ? unknownOutcome(thrown) : postgresError(thrown);
  }

  /** Sends what is asked for together in one piece. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = this.#client.connection;
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }
}

function unknownOutcome(cause: unknown): OffstageError {
  return new OffstageError(
    "unavailable",
    "The connection to PostgreSQL broke while a write was being committed: it may have been kept or not. Look, then try again.",
    { cause },
  );
}
