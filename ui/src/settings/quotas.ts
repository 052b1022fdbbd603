/** What can be limited, under the wire's names. */
export const LIMITS = [
  "requests_per_minute",
  "answers_at_once",
  "answers_per_day",
  "tokens_per_day",
] as const;
export type Limit = (typeof LIMITS)[number];

/** What a user or one of their API keys may use, and has used today (UTC). A limit that is null or absent is none. */
export interface QuotaState {
  /** `user`, or the id of an API key. */
  holder: string;
  quota: Partial<Record<Limit, number | null>>;
  today: { answers: number; tokens: number };
}

export const quotaPath = (userId: string) => `/api/offstage/users/${encodeURIComponent(userId)}/quotas`;

/** The user's own, which the server lists first. */
export const userQuota = (states: readonly QuotaState[]) => states.find(({ holder }) => holder === "user")!;
