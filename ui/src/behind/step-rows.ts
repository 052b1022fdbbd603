import type { AnswerJournal, ServerStep } from "../../../src/contract/journal.ts";

/** One of the tutorial's seven steps, with what the server saw of it, oldest first. */
export interface StepRow {
  /** From 1. */
  number: number;
  seen: (ServerStep & { sinceMs: number })[];
}

const NUMBERS = [1, 2, 3, 4, 5, 6, 7];

/** All seven, whatever was seen; times count from the first step that is known. */
export function stepRows({ steps, began_at_ms }: Pick<AnswerJournal, "steps" | "began_at_ms">): StepRow[] {
  const beganAtMs = Math.min(began_at_ms, ...steps.map(({ at_ms }) => at_ms));
  const inOrder = steps.toSorted((one, other) => one.at_ms - other.at_ms);
  return NUMBERS.map((number) => ({
    number,
    seen: inOrder
      .filter(({ tutorial_step }) => tutorial_step === number)
      .map((step) => ({ ...step, sinceMs: step.at_ms - beganAtMs })),
  }));
}

/** The highest attempt that was seen of each step that a run drove. */
export function runAttempts(steps: readonly ServerStep[]): { step: ServerStep["step"]; attempt: number }[] {
  const highest = new Map<ServerStep["step"], number>();
  for (const { step, run_id, attempt } of steps) {
    if (run_id !== undefined) highest.set(step, Math.max(highest.get(step) ?? 1, attempt ?? 1));
  }
  return [...highest].map(([step, attempt]) => ({ step, attempt }));
}
