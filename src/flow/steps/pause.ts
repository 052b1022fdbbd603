import { ApiError, type OffstageError } from "../../errors.ts";
import type { AnswerRun, Run } from "../run.ts";

/** A pause before the next look or attempt, doubling with each one; a wake-up ends it. */
export async function pause(run: Run, answer: AnswerRun): Promise<void> {
  const { pollFirstMs, pollCapMs } = run.plan;
  const delayMs = Math.min(pollCapMs, pollFirstMs * 2 ** Math.min(answer.waits, 30));
  answer.waits++;
  await answer.waker.wait(delayMs);
}

/** The pause that a refusal asks for, by `Retry-After` where it says so. */
export async function pauseFor(run: Run, answer: AnswerRun, error: OffstageError): Promise<void> {
  const askedMs = error instanceof ApiError ? (error.retryAfterSec ?? 0) * 1000 : 0;
  await answer.waker.wait(Math.max(askedMs, run.plan.pollCapMs));
}
