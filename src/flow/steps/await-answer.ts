import type { AnswerRun, Run } from "../run.ts";
import { pause } from "./pause.ts";

/**
 * Step 5: waits until it is worth looking again, for the answer or for the work after it.
 *
 * Effect: none; the reply's stream, live events and the clock only wake us up.
 * Safe to repeat because: it only waits.
 * Known done when: the stored message is final, never when it merely has text.
 * If the process dies here: the server goes on; the chat shows the answer to whoever looks.
 */
export async function awaitAnswer(run: Run, answer: AnswerRun): Promise<void> {
  answer.look = null;
  answer.justAsked = false;
  const { pollFirstMs, pollCapMs } = run.plan;
  if (answer.streaming) await answer.waker.wait(pollCapMs);
  // Text without work: only the last looks are left that prove it final.
  else if (answer.quietLooks > 0 && answer.snapshot !== "") await answer.waker.wait(pollFirstMs);
  else await pause(run, answer);
}
