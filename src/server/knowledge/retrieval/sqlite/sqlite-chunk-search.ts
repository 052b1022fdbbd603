import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { OffstageError } from "../../../../errors.ts";
import type { ChunkQuery, ChunkSearch, FoundChunk } from "../chunk-search.ts";
import { searchCancelled, searchClosed } from "../found-chunk.ts";
import { DEFAULT_FUSION, type FusionOptions } from "../score-fusion.ts";
import type { ChunkSearchReply, ChunkSearchWorkerData } from "./chunk-search-worker.ts";

/** The worker beside this file: TypeScript in the sources, JavaScript once built. */
const workerUrl = new URL(`./chunk-search-worker${extname(import.meta.url)}`, import.meta.url);

/** What a search leaves behind is garbage at once: with more room the thread would let 40 MB of it lie about. */
const YOUNG_MEMORY_MB = 8;

export interface SqliteChunkSearchOptions {
  /** The database file, migrated. */
  path: string;
  fusion?: Partial<FusionOptions>;
}

/**
 * Searches an SQLite file in a thread of its own, one query after another. The thread starts with the first query, and
 * again after it died; it does not keep the process alive by itself. It keeps what was searched last in memory, so that
 * the first search of a large collection takes longer than the next.
 */
export class SqliteChunkSearch implements ChunkSearch {
  readonly #workerData: ChunkSearchWorkerData;
  #worker: Worker | undefined;
  #closed = false;
  /** Queries that the thread has not been given. */
  readonly #queue: Job[] = [];
  /** The query that the thread works on, even if nobody waits for it any more. */
  #running: Job | undefined;

  constructor({ path, fusion }: SqliteChunkSearchOptions) {
    this.#workerData = { path, fusion: { ...DEFAULT_FUSION, ...fusion } };
  }

  async search(query: ChunkQuery, signal?: AbortSignal): Promise<FoundChunk[]> {
    if (this.#closed) throw searchClosed();
    if (signal?.aborted) throw searchCancelled(signal);
    if (query.contentIds.length === 0 || query.limit < 1) return [];
    const job: Job = { query, ...Promise.withResolvers<FoundChunk[]>() };
    const cancel = () => {
      const place = this.#queue.indexOf(job);
      if (place >= 0) this.#queue.splice(place, 1);
      job.reject(searchCancelled(signal));
    };
    signal?.addEventListener("abort", cancel, { once: true });
    this.#queue.push(job);
    this.#runNext();
    try {
      return await job.promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Ends the thread; queries under way are rejected with `unavailable`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(searchClosed());
    await this.#worker?.terminate();
  }

  #runNext(): void {
    if (this.#running !== undefined) return;
    this.#running = this.#queue.shift();
    if (this.#running === undefined) {
      this.#worker?.unref();
      return;
    }
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(this.#running.query);
  }

  #start(): Worker {
    const worker = new Worker(workerUrl, {
      workerData: this.#workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    });
    let cause: unknown;
    worker.on("message", (reply: ChunkSearchReply) => {
      if ("found" in reply) this.#running?.resolve(reply.found);
      else this.#running?.reject(new OffstageError(reply.code, reply.message, { details: reply.details }));
      this.#running = undefined;
      this.#runNext();
    });
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      this.#running?.reject(
        this.#closed
          ? searchClosed()
          : new OffstageError("unavailable", "The search was cut off before it ended. Try again.", { cause }),
      );
      this.#running = undefined;
      this.#runNext();
    });
    return worker;
  }
}

interface Job extends PromiseWithResolvers<FoundChunk[]> {
  query: ChunkQuery;
}
