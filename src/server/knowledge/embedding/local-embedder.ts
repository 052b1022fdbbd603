import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, setPriority } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { OffstageError } from "../../../errors.ts";
import { untilAborted } from "../../providers/abort.ts";
import { locateModelFile, type ModelFileOptions } from "../../providers/model-file.ts";
import type { Embedder } from "./embedder.ts";
import type { ProcessMessage, ProcessReply } from "./embedding-process.ts";
import { MINILM_DIMENSIONS, MINILM_MAX_TOKENS, MINILM_MODEL, MINILM_NAME } from "./minilm-model.ts";
import { createMiniLmTokenizer } from "./minilm-tokenizer.ts";
import { untilStopped } from "./until-stopped.ts";

export interface LocalEmbedderOptions extends Omit<ModelFileOptions, "signal"> {
  /** Cores to compute on. Default: all but one, at most four, so that the server keeps one for its requests. */
  threads?: number | undefined;
  /** Time without a text after which the model's memory is given back. */
  idleMs?: number | undefined;
  /** The program to start; what it is told and says is in `embedding-process.ts`. */
  program?: string;
}

/** The local embedder, with what can be seen of its work. */
export interface LocalEmbedder extends Embedder {
  /** Of the process that has the model, while there is one. */
  readonly processId: number | null;
}

/** The program beside this file: TypeScript in the sources, JavaScript once built. */
const PROGRAM = fileURLToPath(new URL(`./embedding-process${extname(import.meta.url)}`, import.meta.url));

/** Behind the server and what it answers with, but not so far that searches starve beside them. */
const NICENESS = 5;
/** Beyond this size glibc takes memory from the system and gives it back: what loading took is not kept. */
const MEMORY_ENV = { MALLOC_MMAP_THRESHOLD_: "1048576" };

/**
 * all-MiniLM-L6-v2 in a process of its own: a thread would keep most of the model's memory when it ends, and
 * onnxruntime takes the whole process along when its thread is cut off. The process has a low priority, starts with the
 * first text, and again after it died or was idle; it ends with this one and does not keep it alive by itself.
 *
 * A text gets the same vector, but for rounding, whatever it is embedded with.
 * @throws OffstageError from `embed`: `model_unavailable`; `unavailable` when the process dies
 */
export function createLocalEmbedder(options: LocalEmbedderOptions): LocalEmbedder {
  const { threads = Math.min(4, Math.max(1, availableParallelism() - 1)), idleMs = 10 * 60_000 } = options;
  const tokenizer = createMiniLmTokenizer();
  const closing = new AbortController();
  /** Requests that the process has not answered. */
  const waiting = new Map<number, PromiseWithResolvers<Float32Array[]>>();
  let lastId = 0;
  /** The process, once the model's file is there; null before the first use and after its end. */
  let starting: Promise<ChildProcess> | null = null;
  let child: ChildProcess | null = null;
  /** Runs while the process is idle. */
  let idle: NodeJS.Timeout | undefined;

  async function start(): Promise<ChildProcess> {
    const modelPath = await locateModelFile({ ...options, signal: closing.signal }, MINILM_MODEL);
    closing.signal.throwIfAborted();
    const started = fork(options.program ?? PROGRAM, {
      serialization: "advanced",
      // It holds little that is young: a small share of the heap is enough for it.
      execArgv: ["--max-semi-space-size=1"],
      env: { ...process.env, ...MEMORY_ENV },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    let cause: unknown;
    started.on("message", (reply: ProcessReply) => {
      if ("id" in reply) settle(reply);
      else cause = new OffstageError(reply.code, reply.message);
    });
    started.on("error", (error) => {
      cause = error;
    });
    started.on("close", (code, signal) => {
      if (child === started) lose(cause ?? new Error(`exit code ${code}, signal ${signal}`));
    });
    if (started.pid !== undefined) setPriority(started.pid, NICENESS);
    child = started;
    rest();
    tell(started, { load: { modelPath, threads } });
    return started;
  }

  function useProcess(): Promise<ChildProcess> {
    starting ??= start().catch((error: unknown) => {
      starting = null;
      throw error;
    });
    return starting;
  }

  function settle(reply: Extract<ProcessReply, { id: number }>): void {
    const request = waiting.get(reply.id);
    leave(reply.id);
    // As they come they are views on the whole message.
    if ("vectors" in reply) request?.resolve(reply.vectors.map((vector) => new Float32Array(vector)));
    else request?.reject(new OffstageError(reply.code, reply.message));
  }

  function leave(id: number): void {
    if (waiting.delete(id) && waiting.size === 0) rest();
  }

  /** While nobody waits for it, the process neither keeps this one alive nor stays for ever. */
  function rest(): void {
    clearTimeout(idle);
    if (child === null) return;
    child.unref();
    child.channel?.unref();
    idle = setTimeout(detach, idleMs).unref();
  }

  /** Ends the process; it has nothing to lose. */
  function detach(): ChildProcess | null {
    const detached = child;
    clearTimeout(idle);
    starting = null;
    child = null;
    detached?.kill("SIGKILL");
    return detached;
  }

  /** After a process ended that should not have. */
  function lose(cause: unknown): void {
    detach();
    const message = "The embedding model's process ended before it was done. Try again.";
    const error =
      cause instanceof OffstageError ? cause : new OffstageError("unavailable", message, { cause });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  async function ask(texts: readonly string[], urgent: boolean, signal: AbortSignal) {
    const asked = await untilAborted(useProcess(), signal);
    const id = ++lastId;
    const request = Promise.withResolvers<Float32Array[]>();
    waiting.set(id, request);
    clearTimeout(idle);
    asked.ref();
    asked.channel?.ref();
    tell(asked, { id, texts, urgent });
    try {
      return await untilAborted(request.promise, signal);
    } finally {
      if (waiting.has(id)) {
        leave(id);
        tell(asked, { cancelled: id });
      }
    }
  }

  return {
    name: MINILM_NAME,
    dimensions: MINILM_DIMENSIONS,
    maxTokens: MINILM_MAX_TOKENS,
    get processId() {
      return child?.pid ?? null;
    },
    countTokens: (text) => tokenizer.count(text),
    async embed(texts, signal, { urgent = false } = {}) {
      if (texts.length === 0) return [];
      return untilStopped(signal, closing.signal, (stop) => ask(texts, urgent, stop));
    },
    async close() {
      closing.abort();
      const ending = detach();
      if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
      ending.ref();
      await once(ending, "exit");
    },
  };
}

/** Its end is heard as an event; what can no longer be told to it is not missed. */
function tell(child: ChildProcess, message: ProcessMessage): void {
  child.send(message, () => {});
}
