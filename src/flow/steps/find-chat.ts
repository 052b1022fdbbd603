import { OffstageError } from "../../errors.ts";
import { findTurnChats } from "../find-turn-chats.ts";
import type { AnswerRun, Run } from "../run.ts";
import { mayCreateAgain } from "./create-chat.ts";

/** How long a request whose connection broke may still need to make its chat before it is looked for again. */
const SECOND_LOOK_AFTER_MS = 1_000;
const LOOKS = 2;

/**
 * Step 1 after a lost reply: was the chat made?
 *
 * Effect: none; lists, reads and searches chats.
 * Safe to repeat because: it only reads.
 * Known done when: a chat with our question is found, or two looks did not find one.
 * If the process dies here: nothing is lost; the next look starts anew.
 */
export async function findChat(run: Run, answer: AnswerRun): Promise<void> {
  const { creation } = run;
  const [found] = await findTurnChats(run);
  creation.looks++;
  if (found !== undefined) {
    run.enterChat(found.id);
    run.mayHaveExtras ||= creation.attempts > 1;
  } else if (creation.looks < LOOKS) {
    await answer.waker.wait(SECOND_LOOK_AFTER_MS);
  } else if (mayCreateAgain(run)) {
    creation.outcome = "absent";
    run.mayHaveExtras ||= creation.attempts > 0;
  } else {
    throw creation.error ?? new OffstageError("unreachable", "The chat could not be created.");
  }
}
