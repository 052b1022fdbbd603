import { closeSync, fdatasync, openSync } from "node:fs";
import { sqliteDiskError } from "./sqlite-error.ts";

/**
 * Makes commits durable off the main thread. The connection writes its log without waiting for the disk
 * (`synchronous = NORMAL`, where SQLite itself still orders checkpoints safely); this waits for the disk. A commit counts,
 * and is told to anybody, only then: what `synchronous = FULL` promises, without stopping the event loop for it.
 */
export class WalSync {
  readonly #file: number;
  /** After a failed sync the kernel may have dropped pages: nothing later can be trusted (PostgreSQL's 'fsyncgate'). */
  #failure: unknown;

  /** The log exists, and is the same file, for as long as the writing connection is open. */
  constructor(databasePath: string) {
    this.#file = openSync(`${databasePath}-wal`, "r+");
  }

  /** Resolves once all that was in the log at the call is on the disk. @throws OffstageError `storage_full` */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      fdatasync(this.#file, (error) => {
        if (error === null) {
          resolve();
          return;
        }
        this.#failure = sqliteDiskError(error);
        reject(this.#failure);
      });
    });
  }

  /** Call it when no sync is under way. */
  close(): void {
    closeSync(this.#file);
  }
}
