import type { AnswerRun, Run } from "./run.ts";

/** Something happened for the answer: looks count anew. */
export function progress(answer: AnswerRun): void {
  answer.quietLooks = 0;
  answer.silentLooks = 0;
  answer.lastSilentAtMs = Number.NEGATIVE_INFINITY;
}

/** Tells text that a stream or an event brought, of which `snapshot` is the whole so far. */
export function tellDelta(run: Run, answer: AnswerRun, delta: string, snapshot: string): void {
  if (delta === "" || snapshot.length !== answer.snapshot.length + delta.length) {
    tellSnapshot(run, answer, snapshot);
    return;
  }
  tell(run, answer, delta, snapshot);
}

/**
 * Tells what is new in the whole text as somebody knows it, and says whether there was something. A text that is behind
 * what was told already says nothing; one that differs replaces it.
 */
export function tellSnapshot(run: Run, answer: AnswerRun, snapshot: string): boolean {
  if (answer.snapshot.startsWith(snapshot) || answer.snapshot.trim() === snapshot) return false;
  const delta = snapshot.startsWith(answer.snapshot) ? snapshot.slice(answer.snapshot.length) : "";
  tell(run, answer, delta, snapshot);
  return true;
}

/** Tells what is new in the model's thinking as somebody knows it; where that is another text than was told, nothing. */
export function tellReasoning(run: Run, answer: AnswerRun, snapshot: string): void {
  if (snapshot.length <= answer.reasoning.length || !snapshot.startsWith(answer.reasoning)) return;
  const delta = snapshot.slice(answer.reasoning.length);
  answer.reasoning = snapshot;
  progress(answer);
  const { messageId, model } = answer;
  run.context.tell({ type: "reasoning-delta", messageId, model, delta, snapshot });
}

function tell(run: Run, answer: AnswerRun, delta: string, snapshot: string): void {
  answer.snapshot = snapshot;
  progress(answer);
  const { messageId, model } = answer;
  run.context.tell({ type: "answer-delta", messageId, model, delta, snapshot });
}
