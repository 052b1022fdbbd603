import { ApiError, type OffstageError } from "../../errors.ts";
import type { AnswerRun, Run } from "../run.ts";

/** A pause before the next look or attempt, doubling with each one; a wake-up ends it, and makes the next one short. */
export async function pause(run: Run, answer: AnswerRun): Promise<void> {
  const { pollFirstMs, pollCapMs } = run.plan;
  const delayMs = Math.min(pollCapMs, pollFirstMs * 2 ** Math.min(answer.waits, 30));
  answer.waits++;
  if (await answer.waker.wait(delayMs)) answer.waits = 0;
}

/**
 * The pause that a refusal asks for, by `Retry-After` where it says so.
 * @throws the refusal, at once, where that would be over only after the run's deadline
 */
export async function pauseFor(run: Run, answer: AnswerRun, error: OffstageError): Promise<void> {
  const askedMs = error instanceof ApiError ? (error.retryAfterSec ?? 0) * 1000 : 0;
  if (run.context.clock.nowMs() + askedMs >= run.deadlineAtMs) throw error;
  await answer.waker.wait(Math.max(askedMs, run.plan.pollCapMs));
}

/** How long a request without a reply may still take effect: as long as a server may work on one. */
export const LATE_EFFECT_MS = 30_000;

const NEVER_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];

/** Whether the request did not leave this machine. */
export function wasNeverSent(error: OffstageError): boolean {
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && NEVER_SENT.includes(String(cause.code))) return true;
  }
  return false;
}

/** Whether a request that ended so may be done yet: a server's own failure has an end, a gateway's or a cut has not. */
export function mayStillHappen(error: OffstageError): boolean {
  const ended = error.code === "rate_limited" || (error instanceof ApiError && error.status === 500);
  return error.retryable && !ended && !wasNeverSent(error);
}
