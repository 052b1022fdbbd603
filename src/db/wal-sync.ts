import { closeSync, fdatasync, openSync } from "node:fs";
import { sqliteDiskError } from "./sqlite-error.ts";

/**
 * Makes commits durable off the main thread. The connection writes its log without waiting for the disk
 * (`synchronous = NORMAL`, where SQLite itself still orders checkpoints safely); this waits for the disk, one
 * `fdatasync` for all commits that came while the one before was under way. A commit counts, and is told to anybody,
 * only then: what `synchronous = FULL` promises, without stopping the event loop for it.
 */
export class WalSync {
  readonly #file: number;
  /** Commits that are in the log and not in a sync that has begun. */
  #waiting: PromiseWithResolvers<void>[] = [];
  #syncing = false;
  /** After a failed sync the kernel may have dropped pages: nothing later can be trusted (PostgreSQL's 'fsyncgate'). */
  #failure: unknown;

  /** The log exists, and is the same file, for as long as the writing connection is open. */
  constructor(databasePath: string) {
    this.#file = openSync(`${databasePath}-wal`, "r+");
  }

  /** Resolves once all that is in the log now is on the disk. @throws OffstageError `storage_full` */
  synced(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiter = Promise.withResolvers<void>();
    this.#waiting.push(waiter);
    if (!this.#syncing) this.#sync();
    return waiter.promise;
  }

  /** Call it when nothing waits any more. */
  close(): void {
    closeSync(this.#file);
  }

  #sync(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#syncing = true;
    fdatasync(this.#file, (error) => {
      this.#syncing = false;
      if (error) this.#failure = sqliteDiskError(error);
      for (const waiter of waiting) {
        if (this.#failure === undefined) waiter.resolve();
        else waiter.reject(this.#failure);
      }
      if (this.#waiting.length === 0) return;
      if (this.#failure === undefined) this.#sync();
      else for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#failure);
    });
  }
}
