import * as z from "zod";

const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What one user, or one API key, may use. Null or absent: as much as they like. The wire's spelling, also in the environment. */
export const Quota = z.strictObject({
  /** Requests to any route in a minute; each process counts its own. */
  requests_per_minute: Count.nullish(),
  /** Answers in the making at once; each process counts its own. */
  answers_at_once: Count.nullish(),
  /** Answers begun in a day (UTC), over all processes on a database. */
  answers_per_day: Count.nullish(),
  /** Tokens of questions, answers and background tasks in a day (UTC), as providers count them; over all processes. */
  tokens_per_day: Count.nullish(),
});
export type Quota = z.infer<typeof Quota>;
