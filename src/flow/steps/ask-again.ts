import { progress } from "../answer-progress.ts";
import type { AnswerRun, Run } from "../run.ts";

/**
 * After a request of which nothing was ever heard: the question gets another answer, beside the silent one.
 *
 * Effect: none yet; the new answer's id is made, and the next steps save and ask for it.
 * Safe to repeat because: an answer that comes late stays a sibling; one answer is on the branch.
 * Known done when: the new id is the answer's.
 * If the process dies here: as before it.
 */
export async function askAgain(run: Run, answer: AnswerRun): Promise<void> {
  answer.abandonedIds.push(answer.messageId);
  answer.messageId = run.context.newId();
  Object.assign(answer.trigger, { outcome: "never", taskIds: null });
  Object.assign(answer, {
    look: null,
    finishedText: null,
    streaming: false,
    waits: 0,
    snapshot: "",
    reasoning: "",
  });
  progress(answer);
  run.enterState(answer, "chat-saved");
}
