import { stat } from "node:fs/promises";
import { OffstageError } from "../../../errors.ts";
import { untilAborted } from "../../providers/abort.ts";
import type { CutDocument } from "../document.ts";
import { DEFAULT_LIMITS, type ExtractionLimits } from "./limits.ts";
import type { DocumentFile } from "./read-document.ts";
import { ReadingProcess } from "./reading-process.ts";
import { refusal } from "./refusal.ts";

export interface ExtractorOptions extends Partial<ExtractionLimits> {
  /** How long the process waits for another document before it ends. */
  idleMs?: number;
}

/** Reads documents of every supported kind. */
export interface Extractor {
  /**
   * The document's text, cut into chunks. Documents are read one after another in the order of the calls.
   * @throws OffstageError `bad_input` or `too_large` for a document that cannot be read, with a sentence that names it
   * and says why, and `details.reason` (a `RefusalReason`); `cancelled` when aborted; `unavailable` when closed or
   * without a process
   */
  extract(file: DocumentFile, signal?: AbortSignal): Promise<CutDocument>;
  /** Ends the process; what is being read or waits is rejected. */
  close(): Promise<void>;
}

const IDLE_MS = 30_000;

/**
 * Reads documents in a process of its own, not in a thread: documents come from strangers, and a thread's memory limit
 * leaves array buffers out, its crash is the server's, and it cannot be denied the disk. The process starts with
 * the first document, ends when idle, and is replaced when it died or has grown.
 */
export function createExtractor({ idleMs = IDLE_MS, ...options }: ExtractorOptions = {}): Extractor {
  const limits = { ...DEFAULT_LIMITS, ...options };
  const closing = new AbortController();
  let process: ReadingProcess | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  /** Settles when the last document that was asked for is done with. */
  let last: Promise<unknown> = Promise.resolve();

  async function read(file: DocumentFile, signal: AbortSignal): Promise<CutDocument> {
    checkSize(file.name, (await stat(file.path)).size, limits);
    clearTimeout(idleTimer);
    if (!process?.fit) await endProcess();
    throwIfStopped(file.name, signal);
    process ??= new ReadingProcess(limits);
    try {
      return await process.read(file, signal);
    } catch (thrown) {
      throwIfClosed();
      throw thrown;
    } finally {
      if (process.fit) idleTimer = setTimeout(endProcess, idleMs).unref();
      else await endProcess();
    }
  }

  async function endProcess(): Promise<void> {
    const ending = process;
    process = undefined;
    await ending?.end();
  }

  function throwIfClosed(): void {
    if (closing.signal.aborted)
      throw new OffstageError("unavailable", "The server is shutting down and reads no more documents.");
  }

  function throwIfStopped(name: string, signal: AbortSignal): void {
    throwIfClosed();
    if (signal.aborted) throw new OffstageError("cancelled", `The reading of ${name} was cancelled.`);
  }

  return {
    async extract(file, signal) {
      const stop = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      const turn = last;
      const { promise: done, resolve: finish } = Promise.withResolvers<void>();
      last = turn.then(() => done);
      try {
        await untilAborted(turn, stop).catch(() => throwIfStopped(file.name, stop));
        return await read(file, stop);
      } finally {
        finish();
      }
    },
    async close() {
      closing.abort();
      clearTimeout(idleTimer);
      await last;
      await endProcess();
    },
  };
}

function checkSize(name: string, bytes: number, limits: ExtractionLimits): void {
  if (bytes === 0) throw refusal("empty", `${name} is empty (0 bytes). Upload it again.`);
  if (bytes > limits.maxFileBytes)
    throw refusal(
      "too_large",
      `${name} has ${bytes} bytes; at most ${limits.maxFileBytes} are read. Split it.`,
    );
}
