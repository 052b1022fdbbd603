import pRetry from "p-retry";
import { ApiError, asOffstageError } from "../errors.ts";
import type { ClientClock, RetryOptions } from "./client-interface.ts";

/** Runs something again while its failures say that this may help. */
export interface RetryPolicy {
  /** @throws the last attempt's error; `signal`'s reason when it is aborted in a pause. */
  run<Result>(
    /** Told how often it was run before. */
    attempt: (earlier: number) => Promise<Result>,
    limits: { deadlineAtMs: number; signal?: AbortSignal },
  ): Promise<Result>;
}

/** Longer than this nobody wants to wait without being told. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Exponential backoff with full jitter (Brooker, 'Exponential Backoff And Jitter', 2015), never shorter than
 * `Retry-After`. No pause ends after the deadline, and none of more than a minute is begun (a day's budget that is used
 * up, for example): the error is thrown instead, and says how long to wait.
 */
export function createRetryPolicy(
  options: RetryOptions,
  clock: ClientClock,
  random: () => number,
): RetryPolicy {
  const { retries = 4, firstDelayMs = 250, maxDelayMs = 10_000 } = options;

  function pauseMs(error: Error, retriesConsumed: number): number {
    const jittered = random() * Math.min(maxDelayMs, firstDelayMs * 2 ** retriesConsumed);
    const asked = error instanceof ApiError ? (error.retryAfterSec ?? 0) * 1000 : 0;
    return Math.max(jittered, asked);
  }

  return {
    run: (attempt, { deadlineAtMs, signal }) =>
      pRetry((number) => attempt(number - 1), {
        retries,
        minTimeout: 0,
        shouldRetry: async ({ error, retriesConsumed }) => {
          if (!asOffstageError(error).retryable || signal?.aborted) return false;
          const pause = pauseMs(error, retriesConsumed);
          if (pause > LONGEST_PAUSE_MS || clock.nowMs() + pause >= deadlineAtMs) return false;
          await clock.sleep(pause, signal);
          return true;
        },
      }),
  };
}
