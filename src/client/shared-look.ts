import { unlessAborted } from "./attempt-limit.ts";

/** One look for all who ask at the same time. */
interface RunningLook<Found> {
  readonly found: Promise<Found>;
  readonly end: AbortController;
  /** How many wait for it. */
  waiting: number;
}

/**
 * What has to be found out once: callers wait for one look together, each until its own signal, and the look is ended
 * when nobody waits any more. What was found is kept; a failure is not.
 */
export function createSharedLook<Found>(
  look: (signal: AbortSignal) => Promise<Found>,
): (signal: AbortSignal) => Promise<Found> {
  let found: Found | null = null;
  /** Null while nobody looks. */
  let running: RunningLook<Found> | null = null;

  function start(): RunningLook<Found> {
    const end = new AbortController();
    return { found: look(end.signal), end, waiting: 0 };
  }

  return async (signal) => {
    signal.throwIfAborted();
    if (found !== null) return found;
    running ??= start();
    const joined = running;
    joined.waiting++;
    try {
      found = await unlessAborted(joined.found, signal);
      return found;
    } finally {
      joined.waiting--;
      if (joined.waiting === 0) {
        joined.end.abort();
        if (running === joined) running = null;
      }
    }
  };
}
