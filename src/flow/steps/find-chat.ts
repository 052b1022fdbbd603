import { OffstageError } from "../../errors.ts";
import { findTurnChats } from "../find-turn-chats.ts";
import type { AnswerRun, Run } from "../run.ts";
import { mayCreateAgain } from "./create-chat.ts";
import { LATE_EFFECT_MS, mayStillHappen } from "./pause.ts";

const FIRST_PAUSE_MS = 1_000;

/**
 * Step 1 after a lost reply: was the chat made?
 *
 * Effect: none; lists, reads and searches chats.
 * Safe to repeat because: it only reads.
 * Known done when: a chat with our question is found, or none is there after the time in which it could still come.
 * If the process dies here: nothing is lost; the next look starts anew.
 */
export async function findChat(run: Run, answer: AnswerRun): Promise<void> {
  const { creation } = run;
  const lateMs = creation.error === null || mayStillHappen(creation.error) ? LATE_EFFECT_MS : FIRST_PAUSE_MS;
  const leftMs = creation.atMs + lateMs - run.context.clock.nowMs();
  const [found] = await findTurnChats(run);
  creation.looks++;
  if (found !== undefined) {
    run.enterChat(found.id);
    run.mayHaveExtras ||= creation.attempts > 1;
  } else if (leftMs > 0) {
    await answer.waker.wait(Math.min(leftMs, FIRST_PAUSE_MS * 2 ** (creation.looks - 1)));
  } else if (mayCreateAgain(run)) {
    creation.outcome = "absent";
    run.mayHaveExtras ||= creation.attempts > 0;
  } else {
    throw creation.error ?? new OffstageError("unreachable", "The chat could not be created.");
  }
}
