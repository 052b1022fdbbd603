import type { ClientClock } from "../../src/client/open-webui-client.ts";

/** Turns of the event loop without anything new, after which everybody is taken to be asleep. */
const QUIET_TURNS = 4;

/** Time that passes only when everybody sleeps, and then at once to the next one's end. */
export interface FakeClock extends ClientClock {
  /** Time stands still while the work goes on. */
  during<Result>(work: Promise<Result>): Promise<Result>;
  /** How many sleep. */
  sleeping(): number;
}

export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let nowMs = startMs;
  let working = 0;
  /** Counts everything that anybody does. */
  let activity = 0;
  let pumping = false;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();

  async function pump(): Promise<void> {
    pumping = true;
    while (sleepers.size > 0) {
      for (let quiet = 0, seen = activity; quiet < QUIET_TURNS; quiet++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (seen !== activity || working > 0) [quiet, seen] = [-1, activity];
      }
      const next = [...sleepers].sort((first, second) => first.atMs - second.atMs)[0];
      if (next === undefined) break;
      sleepers.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      activity++;
      next.wake();
    }
    pumping = false;
  }

  return {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        activity++;
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const sleeper = { atMs: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          if (sleepers.delete(sleeper)) reject(signal.reason);
        });
        if (!pumping) void pump();
      }),
    during: async (work) => {
      working++;
      activity++;
      try {
        return await work;
      } finally {
        working--;
        activity++;
      }
    },
    sleeping: () => sleepers.size,
  };
}
