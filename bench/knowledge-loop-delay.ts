import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** How long timers of 1 ms took: 1 ms of it is the timer's own, the rest is what held up the event loop. */
export interface LoopDelay {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** The most processor time that the thread used between two timers: a block that is its own, not the machine's. */
  longestWorkMs: number;
}

/** Watches the event loop of one server at a time. */
export interface LoopWatch {
  /** What the server is to be started with. */
  nodeOptions: string[];
  env: Record<string, string>;
  /** What was seen since the last call, or since the start. @throws Error if the process does not tell */
  read(pid: number): Promise<LoopDelay>;
}

const ANSWER_TIMEOUT_MS = 10_000;

export function createLoopWatch(): LoopWatch {
  const folder = createTemporaryFolder();
  const reads = new Map<number, number>();
  return {
    nodeOptions: ["--import", new URL("knowledge-loop-recorder.ts", import.meta.url).href],
    env: { OFFSTAGE_BENCH_LOOP_DIR: folder },
    async read(pid) {
      const number = (reads.get(pid) ?? 0) + 1;
      reads.set(pid, number);
      const file = join(folder, `${pid}-${number}.json`);
      process.kill(pid, "SIGUSR2");
      const deadlineMs = performance.now() + ANSWER_TIMEOUT_MS;
      while (!existsSync(file)) {
        if (performance.now() > deadlineMs) throw new Error(`process ${pid} did not tell its loop's delay`);
        await sleep(20);
      }
      return JSON.parse(await readFile(file, "utf8")) as LoopDelay;
    },
  };
}
