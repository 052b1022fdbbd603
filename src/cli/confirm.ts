import { createInterface } from "node:readline/promises";
import { OffstageError } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Goes on only where a person says yes. `otherwise` says what has not happened.
 * @throws OffstageError `cancelled` unless a person says yes, `bad_input` where there is none to ask
 */
export async function confirm(question: string, otherwise: string, terminal: Terminal): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new OffstageError("bad_input", `${question} Nobody is there to ask: say --yes if that is meant.`);
  }
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const said = await reader.question(`${question} [y/N] `, { signal: terminal.interrupted });
    if (/^y(es)?$/i.test(said.trim())) return;
  } catch (cause) {
    throw new OffstageError("cancelled", otherwise, { cause });
  } finally {
    reader.close();
  }
  throw new OffstageError("cancelled", otherwise);
}
