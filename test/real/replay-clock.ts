import { setTimeout as pause } from "node:timers/promises";
import type { ClientClock } from "../../src/index.ts";

const STEP_MS = 50;

interface Sleeper {
  dueMs: number;
  wake: () => void;
}

/**
 * A clock that goes 50 ms forward for each millisecond, at most: while this process is held up it stands still, so that
 * nothing is late that was in time when it was recorded. It goes only while somebody sleeps.
 */
export function createReplayClock(): ClientClock {
  let nowMs = Date.parse("2024-01-01T00:00:00Z");
  let isGoing = false;
  const sleepers = new Set<Sleeper>();

  const go = async () => {
    if (isGoing) return;
    isGoing = true;
    while (sleepers.size > 0) {
      await pause(1);
      nowMs += STEP_MS;
      for (const sleeper of [...sleepers].sort((left, right) => left.dueMs - right.dueMs)) {
        if (sleeper.dueMs <= nowMs) sleeper.wake();
      }
    }
    isGoing = false;
  };

  return {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { dueMs: nowMs + ms, wake: () => end(resolve) };
        const onAbort = () => end(() => reject(signal?.reason));
        const end = (settle: () => void) => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
          settle();
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        sleepers.add(sleeper);
        void go();
      }),
  };
}
