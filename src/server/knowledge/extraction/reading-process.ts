import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { OffstageError } from "../../../errors.ts";
import type { CutDocument } from "../document.ts";
import type { ChunkPlace, ExtractionReply, ExtractionRequest } from "./extraction-process.ts";
import type { ExtractionLimits } from "./limits.ts";
import type { DocumentFile } from "./read-document.ts";
import { refusal } from "./refusal.ts";

/** The program beside this file: TypeScript in the sources, JavaScript once built. */
const programUrl = new URL(`./extraction-process${extname(import.meta.url)}`, import.meta.url);

/** Of all memory; the rest is for the program itself, buffers and what is about to be collected. */
const HEAP_SHARE = 0.7;
const STDERR_CHARS = 2_000;
/** What a service manager or a terminal ends parent and process with together: no document's fault. */
const STOP_SIGNALS: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * A process that reads documents, one at a time. It may read files, but not write any, start programs or see the
 * environment. It keeps its parent alive only while it reads.
 */
export class ReadingProcess {
  readonly #limits: ExtractionLimits;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  /** The end of what the process complained of. */
  #stderr = "";
  /** Turns false when it is killed or has grown too large for another document; never true again. */
  #fit = true;

  constructor(limits: ExtractionLimits) {
    this.#limits = limits;
    this.#child = fork(fileURLToPath(programUrl), {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: {},
      execArgv: [
        `--max-old-space-size=${Math.round(limits.maxMemoryMb * HEAP_SHARE)}`,
        "--permission",
        "--allow-fs-read=*",
        "--allow-worker",
        "--no-warnings",
      ],
    });
    // One that cannot be started tells so by `error` alone.
    this.#exited = new Promise((resolve) => {
      this.#child.on("close", () => resolve()).on("error", () => resolve());
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS);
    });
    this.#holdParent(false);
  }

  /** Whether it can read another document. */
  get fit(): boolean {
    return this.#fit && this.#child.connected;
  }

  /** @throws OffstageError what the document is refused for; `cancelled`; `unavailable` if no process can be had */
  async read(file: DocumentFile, signal: AbortSignal): Promise<CutDocument> {
    const { promise, resolve, reject } = Promise.withResolvers<CutDocument>();
    const child = this.#child;
    const places: ChunkPlace[] = [];
    let text = "";
    const receive = (reply: ExtractionReply) => {
      if ("text" in reply) text += reply.text;
      else if ("chunks" in reply) places.push(...reply.chunks);
      else if ("code" in reply)
        reject(new OffstageError(reply.code, reply.message, { details: reply.details }));
      else {
        this.#fit = reply.residentMb < this.#limits.maxMemoryMb / 2;
        const chunks = places.map((place) => ({
          ...place,
          text: text.slice(place.startOffset, place.endOffset),
        }));
        resolve({ title: reply.title, pageCount: reply.pageCount, text, chunks });
      }
    };
    const giveUp = (error: OffstageError) => {
      this.#fit = false;
      child.kill("SIGKILL");
      reject(error);
    };
    const die = (code: number | null, exitSignal: NodeJS.Signals | null) =>
      giveUp(this.#deathError(file.name, code, exitSignal));
    const fail = (cause: Error) =>
      giveUp(
        new OffstageError("unavailable", `No process could be started to read ${file.name}.`, { cause }),
      );
    const cancel = () => giveUp(new OffstageError("cancelled", `The reading of ${file.name} was cancelled.`));
    const timer = setTimeout(() => giveUp(this.#slowError(file.name)), this.#limits.timeoutMs);
    child.on("message", receive).on("close", die).on("error", fail);
    signal.addEventListener("abort", cancel, { once: true });
    this.#holdParent(true);
    try {
      child.send({ file, limits: this.#limits } satisfies ExtractionRequest, (error) => error && fail(error));
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off("message", receive).off("close", die).off("error", fail);
      signal.removeEventListener("abort", cancel);
      this.#holdParent(false);
    }
  }

  /** Kills it, whatever it does; resolves once it is gone. */
  async end(): Promise<void> {
    this.#fit = false;
    this.#child.kill("SIGKILL");
    this.#child.ref();
    await this.#exited;
  }

  #holdParent(hold: boolean): void {
    const handles = [this.#child, this.#child.channel, this.#child.stderr as Socket | null];
    for (const handle of handles) hold ? handle?.ref() : handle?.unref();
  }

  #deathError(name: string, code: number | null, exitSignal: NodeJS.Signals | null): OffstageError {
    if (exitSignal === "SIGKILL" || /out of memory/i.test(this.#stderr))
      return refusal(
        "too_much_memory",
        `${name} takes more than ${this.#limits.maxMemoryMb} MB of memory to read. Split it or save it in a simpler form.`,
      );
    if (exitSignal && STOP_SIGNALS.has(exitSignal))
      return new OffstageError("unavailable", `The reading of ${name} was stopped from outside. Try again.`);
    const how = exitSignal ?? `exit code ${code}`;
    return refusal(
      "crashed",
      `The process that read ${name} ended before it was done (${how}). Save the file in another form.`,
      this.#stderr,
    );
  }

  #slowError(name: string): OffstageError {
    const seconds = this.#limits.timeoutMs / 1000;
    return refusal(
      "too_slow",
      `${name} was not read within ${seconds} s. Split it or save it in a simpler form.`,
    );
  }
}
