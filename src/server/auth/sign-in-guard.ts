import { LRUCache } from "lru-cache";
import { OffstageError } from "../../errors.ts";

const WINDOW_MS = 5 * 60_000;

/** Who tries to sign in, and from where. */
export interface SignInAttempt {
  address: string;
  email: string;
}

/**
 * Counts failed sign-ins by address and account, and by address alone, so that neither many passwords nor many accounts
 * can be tried out. Bounded in memory.
 */
export interface SignInGuard {
  /** @throws OffstageError `rate_limited`, with `retryAfterSec` */
  assertAllowed(attempt: SignInAttempt): void;
  failed(attempt: SignInAttempt): void;
  passed(attempt: SignInAttempt): void;
}

/** Many people may share an address. */
const ACCOUNTS_OF_AN_ADDRESS = 10;

/** @param maxFailures failures of one address and account in five minutes; of an address ten times as many */
export function createSignInGuard(maxFailures: number): SignInGuard {
  const failures = new LRUCache<string, number>({ max: 10_000, ttl: WINDOW_MS });
  const add = (name: string) => void failures.set(name, (failures.get(name) ?? 0) + 1);

  function assertBelow(name: string, limit: number): void {
    if ((failures.get(name) ?? 0) < limit) return;
    const retryAfterSec = Math.ceil(failures.getRemainingTTL(name) / 1000);
    throw new OffstageError("rate_limited", `Too many failed sign-ins: wait ${retryAfterSec} seconds.`, {
      details: { retryAfterSec },
    });
  }

  const nameOf = ({ address, email }: SignInAttempt) => `${address} ${email}`;
  return {
    assertAllowed(attempt) {
      assertBelow(nameOf(attempt), maxFailures);
      assertBelow(attempt.address, maxFailures * ACCOUNTS_OF_AN_ADDRESS);
    },
    failed(attempt) {
      add(nameOf(attempt));
      add(attempt.address);
    },
    passed: (attempt) => void failures.delete(nameOf(attempt)),
  };
}
