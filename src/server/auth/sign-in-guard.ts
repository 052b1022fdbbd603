import { LRUCache } from "lru-cache";
import { OffstageError } from "../../errors.ts";

const WINDOW_MS = 5 * 60_000;

/** Counts failed sign-ins by address and account, so that passwords cannot be tried out. Bounded in memory. */
export interface SignInGuard {
  /** @throws OffstageError `rate_limited`, with `retryAfterSec` */
  assertAllowed(attempt: string): void;
  failed(attempt: string): void;
  passed(attempt: string): void;
}

/** @param maxFailures failures of one attempt's name in five minutes */
export function createSignInGuard(maxFailures: number): SignInGuard {
  const failures = new LRUCache<string, number>({ max: 10_000, ttl: WINDOW_MS });
  return {
    assertAllowed(attempt) {
      if ((failures.get(attempt) ?? 0) < maxFailures) return;
      const retryAfterSec = Math.ceil(failures.getRemainingTTL(attempt) / 1000);
      throw new OffstageError("rate_limited", `Too many failed sign-ins: wait ${retryAfterSec} seconds.`, {
        details: { retryAfterSec },
      });
    },
    failed: (attempt) => void failures.set(attempt, (failures.get(attempt) ?? 0) + 1),
    passed: (attempt) => void failures.delete(attempt),
  };
}
