/** What a user, or one of their API keys, may use. */
export interface QuotaTable {
  user_id: string;
  /** `user`, or the id of an API key. */
  holder: string;
  quota_json: string;
}

/** What a user, or one of their API keys, has used on a day (`2026-01-31`, UTC). */
export interface DayUsageTable {
  user_id: string;
  /** `user`, or the id of an API key. */
  holder: string;
  day: string;
  answers: number;
  tokens: number;
}
