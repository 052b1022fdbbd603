/**
 * Preloaded into a server (`node --import`), which has no such endpoint: watches its event loop, and on SIGUSR2 writes what
 * it saw since the last one into the folder `OFFSTAGE_BENCH_LOOP_DIR`, as `<pid>-<number>.json`, a `LoopDelay`.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import type { LoopDelay } from "./knowledge-loop-delay.ts";

const folder = process.env.OFFSTAGE_BENCH_LOOP_DIR;
if (isMainThread && folder !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  let written = 0;
  let longestWorkMs = 0;
  let usedMs = usedByThreadMs();
  setInterval(() => {
    const nowUsedMs = usedByThreadMs();
    longestWorkMs = Math.max(longestWorkMs, nowUsedMs - usedMs);
    usedMs = nowUsedMs;
  }, 1).unref();
  const toMs = (nanoseconds: number) => nanoseconds / 1e6;
  process.on("SIGUSR2", () => {
    written += 1;
    const delay: LoopDelay = {
      p50Ms: toMs(histogram.percentile(50)),
      p99Ms: toMs(histogram.percentile(99)),
      maxMs: toMs(histogram.max),
      longestWorkMs,
    };
    const file = join(folder, `${process.pid}-${written}.json`);
    // Whoever waits for the file finds it whole.
    writeFileSync(`${file}.part`, JSON.stringify(delay));
    renameSync(`${file}.part`, file);
    histogram.reset();
    longestWorkMs = 0;
  });
  histogram.enable();
}

function usedByThreadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
