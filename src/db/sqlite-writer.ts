import { AsyncLocalStorage } from "node:async_hooks";
import { OffstageError } from "../errors.ts";
import type { Statement, Writing } from "./database.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { databaseClosed } from "./sqlite-error.ts";
import type { WalSync } from "./wal-sync.ts";

const maxWorksPerCommit = 256;

/**
 * Runs all works of one event-loop turn in one transaction, each in a savepoint of its own.
 *
 * node:sqlite is synchronous, so a work that awaits nothing but its own queries ends before the event loop turns; one
 * that has not is rejected then, for it would hold up everybody. SQLite rolls back a whole transaction by itself when
 * the disk is full: then every work that ran in it is rejected, and those that did not run yet get another one.
 */
export class SqliteWriter {
  readonly #connection: SqliteConnection;
  /** Works that have not run. A flush is scheduled or under way while there are any. */
  readonly #queue: Job[] = [];
  #flushing = false;
  #closed = false;
  /** The transaction of the work that runs, seen by whatever that work starts. */
  readonly #running = new AsyncLocalStorage<Transaction>();

  readonly #walSync: WalSync;

  constructor(connection: SqliteConnection, walSync: WalSync) {
    this.#connection = connection;
    this.#walSync = walSync;
  }

  /** Works that have not run. */
  get depth(): number {
    return this.#queue.length;
  }

  /** @throws OffstageError `internal` within a work, `unavailable` once closed, `storage_full`; what the work throws. */
  async write<T>(work: (tx: Writing) => Promise<T>): Promise<T> {
    if (this.#running.getStore()?.open) {
      throw new OffstageError(
        "internal",
        "write was called within a write. Use the queries that the work was given.",
      );
    }
    if (this.#closed) throw databaseClosed();
    return await this.#enqueue(work);
  }

  /** Resolves when all that was queued has settled; takes no more. Call it once. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#enqueue(async () => {});
  }

  #enqueue<T>(work: (tx: Writing) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const run = async (turn: Turn): Promise<Outcome> => {
      const tx = new Transaction(this.#connection);
      try {
        const value = await Promise.race([this.#running.run(tx, work, tx), turn.over]);
        return { keep: true, settle: () => resolve(value) };
      } catch (error) {
        return { keep: false, settle: () => reject(error) };
      } finally {
        tx.open = false;
      }
    };
    this.#queue.push({ run, reject });
    if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.#flush());
    }
    return promise;
  }

  /** Writes queued while the disk works on a commit share the next one. */
  async #flush(): Promise<void> {
    const jobs = this.#queue.splice(0, maxWorksPerCommit);
    const outcomes: Outcome[] = [];
    let failure: unknown;
    try {
      await this.#commitTogether(jobs, outcomes);
      await this.#walSync.sync();
    } catch (error) {
      failure = error;
    }
    // A job that did not run waits for another transaction, but for one that failed before any could run.
    const ran = outcomes.length > 0 ? outcomes.length : jobs.length;
    for (const [index, job] of jobs.slice(0, ran).entries()) {
      const outcome = outcomes[index];
      if (outcome && (failure === undefined || !outcome.keep)) outcome.settle();
      else job.reject(failure);
    }
    this.#queue.unshift(...jobs.slice(ran));
    this.#flushing = this.#queue.length > 0;
    if (this.#flushing) setImmediate(() => this.#flush());
  }

  /** Runs jobs, tells how they ended in `outcomes`, and commits them; stops where SQLite gave the transaction up. */
  async #commitTogether(jobs: readonly Job[], outcomes: Outcome[]): Promise<void> {
    const connection = this.#connection;
    const turn = startTurn();
    try {
      connection.command("BEGIN IMMEDIATE");
      for (const job of jobs) {
        outcomes.push(
          await (jobs.length === 1 ? this.#runAlone(job, turn) : this.#runInSavepoint(job, turn)),
        );
        if (turn.passed || !connection.inTransaction) break;
      }
      if (!connection.inTransaction) throw rolledBackBySqlite();
      connection.command("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      turn.forget();
    }
  }

  /** What is alone in its transaction takes back all of it: an empty one is committed then. */
  async #runAlone(job: Job, turn: Turn): Promise<Outcome> {
    const outcome = await job.run(turn);
    if (!outcome.keep && this.#connection.inTransaction) {
      this.#connection.command("ROLLBACK");
      this.#connection.command("BEGIN IMMEDIATE");
    }
    return outcome;
  }

  async #runInSavepoint(job: Job, turn: Turn): Promise<Outcome> {
    this.#connection.command("SAVEPOINT work");
    const outcome = await job.run(turn);
    if (this.#connection.inTransaction) {
      if (!outcome.keep) this.#connection.command("ROLLBACK TO work");
      this.#connection.command("RELEASE work");
    }
    return outcome;
  }

  #rollBack(): void {
    if (!this.#connection.inTransaction) return;
    try {
      this.#connection.command("ROLLBACK");
    } catch {
      // The caller gets the first failure; if the transaction is still open, the next BEGIN tells.
    }
  }
}

/** A work in the queue; it runs at most once, and its promise settles only by `settle` or `reject`. */
interface Job {
  run(turn: Turn): Promise<Outcome>;
  reject(error: unknown): void;
}

/** How a work ended: its changes are kept or rolled back, and after the commit its promise is settled. */
interface Outcome {
  keep: boolean;
  settle(): void;
}

/** The queries of one work; refused once it has ended or SQLite has rolled back its transaction. */
class Transaction implements Writing {
  open = true;
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async all<P, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
    return this.#checked().all(statement, params);
  }

  async first<P, R>(statement: Statement<P, R>, params: P): Promise<R | undefined> {
    return this.#checked().first(statement, params);
  }

  async run<P, R>(statement: Statement<P, R>, params: P): Promise<number> {
    return this.#checked().run(statement, params);
  }

  /** What commits is the turn of the event loop, with all works that ran in it. */
  endHere(): void {}

  #checked(): SqliteConnection {
    if (!this.open)
      throw new OffstageError("internal", "A query came after its write had ended. Await every query.");
    if (!this.#connection.inTransaction) throw rolledBackBySqlite();
    return this.#connection;
  }
}

function rolledBackBySqlite(): OffstageError {
  return new OffstageError(
    "storage_full",
    "SQLite gave up the transaction: the disk is full or failing. Free some space.",
  );
}

/** The turn of the event loop in which works run. */
interface Turn {
  /** Rejects when the turn has passed. */
  readonly over: Promise<never>;
  readonly passed: boolean;
  /** Lets the turn pass unnoticed. */
  forget(): void;
}

function startTurn(): Turn {
  const { promise, reject } = Promise.withResolvers<never>();
  let passed = false;
  const immediate = setImmediate(() => {
    passed = true;
    reject(
      new OffstageError(
        "internal",
        "A write waited for something other than its queries. Do that before or after it.",
      ),
    );
  });
  return {
    over: promise,
    get passed() {
      return passed;
    },
    forget: () => clearImmediate(immediate),
  };
}
