import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter, on } from "node:events";
import pRetry from "p-retry";
import type { Queries } from "../../../db/database.ts";
import { asOffstageError, type OffstageError } from "../../../errors.ts";
import { inSpan, NO_TRACING } from "../../tracing/tracing.ts";
import type { IngestionParts, IngestionProgress } from "./ingestion-parts.ts";

/**
 * Brings contents from `processing` to `processed` or `error`. The database says what is to be done: what a process
 * leaves unfinished, the next one takes up where it was. A content is read (its text is cut into chunks) and embedded
 * (chunk by chunk); one of each goes on at a time, in the order of coming.
 */
export interface Ingestion {
  /** Takes up what is unfinished and no other server's, and what another embedder embedded. */
  resume(): Promise<void>;
  /** Takes up what is unfinished and no other server's (any more). */
  takeUp(): Promise<void>;
  /** Another server has told of a change. */
  heed(contentId: string, progress: IngestionProgress | null): void;
  /** A content that was inserted, or restarted, is to be processed. */
  enqueue(contentId: string): void;
  /** A content was deleted, or may have been: who watches it looks again. */
  forget(contentId: string): void;
  progressOf(contentId: string): IngestionProgress | null;
  /** Why the processing of a content does not get on, where that could not be stored. */
  delayOf(contentId: string): string | null;
  /** Tells each change of a content's state until the signal aborts, which throws its reason. */
  changes(contentId: string, signal: AbortSignal): AsyncIterable<unknown>;
  /** Breaks off at the next commit, and lets go of everything. */
  close(): Promise<void>;
}

/** Chunks written in one commit, and embedded in one call: neither holds up anybody else. */
const INSERT_BATCH = 64;
const EMBED_BATCH = 32;
/** Contents of another embedder that are embedded anew before more are listed. */
const REEMBED_PAGE = 100;

/** For how long a server that says nothing keeps a content from the others. */
const LEASE_MS = 30_000;

/** Whether the same may go well later: also once a full disk has room again. */
function mayPass({ code, retryable }: OffstageError): boolean {
  return retryable || code === "storage_full";
}

/** One stage: ids wait in order, each once; `run` must not reject. */
class Stage {
  /** By content, each with what leads into the trace that it came in. */
  readonly #waiting = new Map<string, <T>(work: () => T) => T>();
  readonly #run: (contentId: string) => Promise<void>;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(run: (contentId: string) => Promise<void>) {
    this.#run = run;
  }

  add(contentId: string): void {
    if (this.#closed) return;
    this.#waiting.set(contentId, AsyncLocalStorage.snapshot());
    this.#running ??= this.#runAll();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    await this.#running;
  }

  async #runAll(): Promise<void> {
    for (const [contentId, enter] of this.#waiting) {
      this.#waiting.delete(contentId);
      await enter(() => this.#run(contentId));
    }
    this.#running = null;
  }
}

/** The ingestion of one server. It owns the reader and the embedder of its parts. */
export function createIngestion(parts: IngestionParts): Ingestion {
  const { store, reader, embedder, log } = parts;
  const closing = new AbortController();
  const progress = new Map<string, IngestionProgress>();
  /** Why contents are held up that a full disk keeps from saying so in their rows. */
  const delays = new Map<string, string>();
  const changed = new EventEmitter().setMaxListeners(0);
  const { tracing = NO_TRACING } = parts;
  const reading = new Stage((id) => attempt("read file", id, read));
  const embedding = new Stage((id) => attempt("embed file", id, embed));
  const nowSec = () => Math.floor(parts.nowMs() / 1000);
  let reembedding: Promise<void> | null = null;
  const tell = (contentId: string) => {
    changed.emit(contentId);
    parts.onChange?.(contentId, progress.get(contentId) ?? null);
  };

  /** Takes a content for this server alone, for a while. */
  function claim(contentId: string): Promise<boolean> {
    const nowMs = parts.nowMs();
    const claimed = { contentId, owner: parts.owner, nowMs, leaseUntilMs: nowMs + LEASE_MS };
    return store.write((tx) => store.claims.claimContent(tx, claimed));
  }

  /** Runs a stage of one content; what goes wrong ends in the content's row. */
  async function attempt(
    name: string,
    contentId: string,
    stage: (contentId: string) => Promise<void>,
  ): Promise<void> {
    const about = { name, attributes: { "offstage.content.id": contentId } };
    const renewal = setInterval(() => {
      claim(contentId).catch((error: unknown) =>
        log.warn({ err: error, contentId }, "the claim on a file that is processed could not be prolonged"),
      );
    }, LEASE_MS / 3);
    let isOurs = false;
    try {
      const stageOnce = async () => {
        isOurs = await claim(contentId);
        if (isOurs) await stage(contentId);
      };
      await inSpan(tracing, about, () =>
        pRetry(stageOnce, {
          ...parts.retry,
          signal: closing.signal,
          shouldRetry: ({ error }) => mayPass(asOffstageError(error)),
          onFailedAttempt: async ({ error, retriesLeft }) => {
            log.warn({ err: error, contentId, retriesLeft }, "the processing of a file was held up");
            const why = asOffstageError(error);
            if (retriesLeft > 0 && mayPass(why)) await noteDelay(contentId, why.message);
          },
        }),
      );
      delays.delete(contentId);
    } catch (thrown) {
      if (closing.signal.aborted || (await isGone(contentId))) return;
      const error = asOffstageError(thrown);
      log.warn({ err: thrown, contentId }, "a file could not be processed");
      await fail(contentId, error.message);
    } finally {
      clearInterval(renewal);
      if (isOurs) {
        progress.delete(contentId);
        tell(contentId);
      }
    }
  }

  async function noteDelay(contentId: string, why: string): Promise<void> {
    try {
      await store.write((tx) => store.contents.noteDelay(tx, contentId, why));
    } catch (thrown) {
      log.warn({ err: thrown, contentId }, "why a file is held up could not be stored");
      delays.set(contentId, why);
    }
    tell(contentId);
  }

  async function isGone(contentId: string): Promise<boolean> {
    return (await store.contents.findContent(store.read, contentId)) === undefined;
  }

  async function fail(contentId: string, error: string): Promise<void> {
    try {
      await store.write((tx) =>
        store.contents.failContent(tx, contentId, { error, processed_at_sec: nowSec() }),
      );
      delays.delete(contentId);
    } catch (thrown) {
      // It stays `processing`, and the next start tries it again.
      log.error({ err: thrown, contentId }, "that a file could not be processed could not be stored");
      delays.set(contentId, error);
    }
  }

  async function read(contentId: string): Promise<void> {
    const content = await store.contents.findContent(store.read, contentId);
    if (content?.status !== "processing") return;
    if (content.chunk_count === null) {
      const { text, pageCount, chunks } = await reader.read(content, closing.signal);
      // A process that died in between left some.
      await store.write((tx) => store.chunks.deleteChunks(tx, contentId));
      for (let start = 0; start < chunks.length; start += INSERT_BATCH) {
        closing.signal.throwIfAborted();
        const batch = chunks.slice(start, start + INSERT_BATCH);
        await store.write((tx) => store.chunks.insertChunks(tx, contentId, batch));
      }
      await store.write((tx) =>
        store.contents.keepText(tx, contentId, {
          text,
          page_count: pageCount,
          chunk_count: chunks.length,
        }),
      );
    }
    embedding.add(contentId);
    tell(contentId);
  }

  async function embed(contentId: string): Promise<void> {
    const content = await store.contents.findContent(store.read, contentId);
    if (content?.chunk_count == null || content.status === "error") return;
    const embeddedBy = embedder && (await embedChunks(contentId, content.chunk_count, embedder));
    await store.write(async (tx) => {
      // Deleted and sent again meanwhile, it may not be cut yet; it comes here again then.
      if ((await store.contents.findContent(tx, contentId))?.chunk_count == null) return;
      await store.contents.finishContent(tx, contentId, {
        embedder: embeddedBy,
        processed_at_sec: nowSec(),
      });
    });
  }

  /** Resolves with the embedder's name; with null where there is no model: words alone find the chunks then. */
  async function embedChunks(
    contentId: string,
    chunkCount: number,
    { name, embed }: NonNullable<IngestionParts["embedder"]>,
  ): Promise<string | null> {
    const next = (queries: Queries) =>
      store.chunks.listUnembedded(queries, { contentId, embedder: name, limit: EMBED_BATCH });
    let left = await store.chunks.countUnembedded(store.read, { contentId, embedder: name });
    for (let chunks = await next(store.read); chunks.length > 0; chunks = await next(store.read)) {
      const texts = chunks.map(({ headings, text }) => [...headings, text].join("\n"));
      let vectors: Float32Array[];
      try {
        vectors = await embed(texts, closing.signal);
      } catch (thrown) {
        if (asOffstageError(thrown).code !== "model_unavailable") throw thrown;
        log.warn({ err: thrown, contentId }, "a file is found by its words alone until there is a model");
        return null;
      }
      closing.signal.throwIfAborted();
      await store.write(async (tx) => {
        // Where the content was deleted meanwhile, its chunks' ids may be others' already.
        const current = new Map((await next(tx)).map(({ id, text }) => [id, text]));
        const rows = chunks.map(({ id, text }, index) => ({ chunkId: id, text, vector: vectors[index]! }));
        await store.chunks.insertVectors(
          tx,
          name,
          rows.filter(({ chunkId, text }) => current.get(chunkId) === text),
        );
      });
      left = Math.max(0, left - chunks.length);
      progress.set(contentId, { embedded: chunkCount - left, chunks: chunkCount });
      tell(contentId);
    }
    return name;
  }

  async function reembedAll(name: string): Promise<void> {
    let first: string | undefined;
    while (!closing.signal.aborted) {
      const page = await store.contents.listEmbeddedByOthers(store.read, name, REEMBED_PAGE);
      // What failed stands first again: it keeps its old vectors, and waits for the next start.
      if (page.length === 0 || page[0]!.id === first) return;
      first = page[0]!.id;
      for (const { id } of page) await attempt("embed file", id, embed);
    }
  }

  async function takeUp(): Promise<void> {
    const filter = { owner: parts.owner, nowMs: parts.nowMs() };
    for (const id of await store.claims.listUnclaimed(store.read, filter)) reading.add(id);
  }

  return {
    takeUp,
    heed(contentId, now) {
      if (now) progress.set(contentId, now);
      else progress.delete(contentId);
      changed.emit(contentId);
    },
    async resume() {
      await takeUp();
      if (!embedder) return;
      reembedding = reembedAll(embedder.name).catch((error) => {
        log.error({ err: error }, "not all files could be embedded anew");
      });
    },
    enqueue: (contentId) => reading.add(contentId),
    forget(contentId) {
      delays.delete(contentId);
      tell(contentId);
    },
    progressOf: (contentId) => progress.get(contentId) ?? null,
    delayOf: (contentId) => delays.get(contentId) ?? null,
    changes: (contentId, signal) => on(changed, contentId, { signal }),
    async close() {
      closing.abort();
      await Promise.all([reading.close(), embedding.close(), reembedding]);
      await Promise.all([reader.close(), embedder?.close()]);
    },
  };
}
