import type { Quota } from "./quota.ts";

/** Whom the server answers, how much, and what it shows of itself. */
export interface GuardConfig {
  /** Names that the server answers to beside addresses and localhost; without any, see `createHostGuard`. */
  allowedHosts: readonly string[];
  /** What every user may use who has no quota of their own. */
  userQuota: Quota;
  /** What every API key may use beside its user's quota, unless it has one of its own. */
  keyQuota: Quota;
  /** Requests without a credential that one address may make in a minute; null for any number. */
  addressRequestsPerMinute: number | null;
  /** Who may read `/metrics`: nobody, this machine alone, or who has the token. */
  metrics: "off" | "loopback" | { token: string };
}

export const NO_GUARD: GuardConfig = {
  allowedHosts: [],
  userQuota: {},
  keyQuota: {},
  addressRequestsPerMinute: null,
  metrics: "off",
};
