import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

/*
 * A thread that kills its process when that takes more memory than it may, array buffers included, or when its parent
 * is gone: a busy main thread would notice neither.
 */
const { maxMemoryMb } = workerData as { maxMemoryMb: number };
const INTERVAL_MS = 20;
const parentId = process.ppid;

setInterval(() => {
  const residentMb = process.memoryUsage.rss() / 1024 ** 2;
  if (residentMb > maxMemoryMb) writeSync(2, `out of memory: ${Math.round(residentMb)} MB\n`);
  if (residentMb > maxMemoryMb || process.ppid !== parentId) process.kill(process.pid, "SIGKILL");
}, INTERVAL_MS);
