import pRetry from "p-retry";
import { ApiError, asOffstageError } from "../errors.ts";
import type { ClientClock, RetryOptions } from "./client-interface.ts";

/** Runs something again while its failures say that this may help. */
export interface RetryPolicy {
  /** @throws the last attempt's error; `signal`'s reason when it is aborted in a pause. */
  run<Result>(
    attempt: () => Promise<Result>,
    limits: { deadlineAtMs: number; signal?: AbortSignal },
  ): Promise<Result>;
}

/**
 * Exponential backoff with full jitter (Brooker, 'Exponential Backoff And Jitter', 2015), never shorter than
 * `Retry-After` as far as the longest pause allows. No pause ends after the deadline: the error is thrown instead.
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
    return Math.min(maxDelayMs, Math.max(jittered, asked));
  }

  return {
    run: (attempt, { deadlineAtMs, signal }) =>
      pRetry(attempt, {
        retries,
        minTimeout: 0,
        shouldRetry: async ({ error, retriesConsumed }) => {
          if (!asOffstageError(error).retryable || signal?.aborted) return false;
          const pause = pauseMs(error, retriesConsumed);
          if (clock.nowMs() + pause >= deadlineAtMs) return false;
          await clock.sleep(pause, signal);
          return true;
        },
      }),
  };
}
