import { RateLimiterMemory } from "rate-limiter-flexible";

/** Counts requests by name, each for `durationSec` from its first one; what is too much the caller decides. */
export function createRequestCounter(durationSec: number): RateLimiterMemory {
  return new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: durationSec });
}
