import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters, styleText } from "node:util";
import { OffstageError } from "../errors.ts";

/** Where a command reads and writes: data to stdout, everything else to stderr. */
export interface Terminal {
  readonly env: Record<string, string | undefined>;
  /** Aborted by the first Ctrl-C or SIGTERM; a command then ends what it began. */
  readonly interrupted: AbortSignal;
  /** Data as it is; without control sequences where a person looks at it. */
  write(data: string): void;
  /** One line of data. */
  print(line: string): void;
  /** A value as one line of JSON. */
  printJson(value: unknown): void;
  /** One line of progress for a person. */
  note(line: string): void;
  /** Says why the command failed and sets the exit code that belongs to it. */
  fail(error: OffstageError): void;
  /** All of stdin. @throws OffstageError `cancelled` */
  readInput(): Promise<string>;
}

/** Two signals closer than this are one Ctrl-C that came by two ways (from the terminal and from the launcher). */
const ONE_PRESS_MS = 500;

/** The terminal of this process. A second Ctrl-C ends the process at once. */
export function createTerminal(): Terminal {
  const interruption = new AbortController();
  /** When the first signal came, in milliseconds of `performance.now()`; 0 before. */
  let interruptedAtMs = 0;
  const interrupt = () => {
    if (interruptedAtMs === 0) interruptedAtMs = performance.now();
    else if (performance.now() - interruptedAtMs > ONE_PRESS_MS) process.exit(130);
    interruption.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });

  const write = (data: string) => {
    process.stdout.write(process.stdout.isTTY ? withoutControls(data) : data);
  };
  return {
    env: process.env,
    interrupted: interruption.signal,
    write,
    print: (line) => write(`${line}\n`),
    printJson: (value) => {
      process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (line) => {
      process.stderr.write(`${styleText("dim", line, { stream: process.stderr })}\n`);
    },
    fail: (error) => {
      process.stderr.write(`${styleText("red", "offstage:", { stream: process.stderr })} ${error.message}\n`);
      process.exitCode = error.exitCode;
    },
    readInput: async () => {
      try {
        return await text(addAbortSignal(interruption.signal, process.stdin));
      } catch (cause) {
        throw new OffstageError("cancelled", "Cancelled before stdin had ended.", { cause });
      }
    },
  };
}

/** Text that cannot move the cursor or change the terminal: no control characters but tab and line feed. */
export function withoutControls(data: string): string {
  return stripVTControlCharacters(data).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
