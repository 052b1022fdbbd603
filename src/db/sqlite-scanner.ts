import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { OffstageError } from "../errors.ts";
import type { Statement } from "./database.ts";
import type { ScanReply, ScanRequest } from "./scan-worker.ts";
import { databaseClosed } from "./sqlite-error.ts";
import { bindValues } from "./statement.ts";

/** The worker beside this file: TypeScript in the sources, JavaScript once built. */
const workerUrl = new URL(`./scan-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Runs reads one after another in a thread with a connection of its own, where `lower` folds all letters. The thread
 * starts with the first read, and again after it died; it does not keep the process alive by itself.
 */
export class SqliteScanner {
  readonly #path: string;
  #worker: Worker | undefined;
  #closed = false;
  /** Reads that the thread has not answered. */
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown[]>>();
  #lastId = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws OffstageError `unavailable` when the thread dies or the scanner is closed, else what SQLite says. */
  async scan<P, R>(statement: Statement<P, R>, params: P): Promise<R[]> {
    if (this.#closed) throw databaseClosed();
    const values = bindValues(statement, params);
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<unknown[]>();
    this.#waiting.set(id, waiting);
    this.#worker.ref();
    this.#worker.postMessage({ id, sql: statement.sql, values } satisfies ScanRequest);
    return (await waiting.promise) as R[];
  }

  /** Ends the thread; reads under way are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(workerUrl, { workerData: { path: this.#path } });
    let cause: unknown;
    worker.on("message", (reply: ScanReply) => this.#settle(reply));
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) {
        reject(
          new OffstageError("unavailable", "The search was cut off before it ended. Try again.", { cause }),
        );
      }
      this.#waiting.clear();
    });
    return worker;
  }

  #settle(reply: ScanReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ("rows" in reply) waiting?.resolve(reply.rows);
    else waiting?.reject(new OffstageError(reply.code, reply.message, { details: reply.details }));
  }
}
