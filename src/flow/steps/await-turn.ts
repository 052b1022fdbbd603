import type { AnswerRun, Run } from "../run.ts";
import { pause } from "./pause.ts";

/**
 * Before steps 3 and 4: waits for the chat's other answers, since two at once lose text on several versions.
 *
 * Effect: none.
 * Safe to repeat because: it only waits.
 * Known done when: we are first in this process's queue and the server lists no work for the chat.
 * If the process dies here: nothing of the turn was written by it.
 */
export async function awaitTurn(run: Run, answer: AnswerRun): Promise<void> {
  answer.look = null;
  if (run.ticket?.isFirst() !== false) return await pause(run, answer);
  run.ticket.onFirst(() => answer.waker.wake());
  await answer.waker.wait(run.plan.pollCapMs);
}
