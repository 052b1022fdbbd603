import { deleteExtraChats } from "../find-turn-chats.ts";
import { isOnBranch, placeTurn } from "../place-turn.ts";
import type { AnswerRun, Run } from "../run.ts";
import { writeHistory } from "../write-history.ts";

/**
 * Step 7: reads the chat at the end, and leaves it as it should be.
 *
 * Effect: none where all is well. A lost link or a current message that the turn itself left behind is mended; a chat
 * that a lost reply made beside ours is deleted.
 * Safe to repeat because: it mends only what it finds.
 * Known done when: the answer hangs on its question and the chat was read.
 * If the process dies here: the answer is there; mending is for the next run or the doctor.
 */
export async function fetchChat(run: Run, answer: AnswerRun): Promise<void> {
  let record = answer.look?.record ?? (await run.context.client.getChat(run.knownChatId(), run.call));
  answer.look = null;
  if (!run.siblingRuns(answer)) {
    const turn = run.placedTurn();
    if (!isOnBranch(record.chat, turn)) {
      record = await writeHistory(run, (forest) => placeTurn(forest, turn));
    }
    if (run.mayHaveExtras) {
      await deleteExtraChats(run);
      run.mayHaveExtras = false;
    }
  }
  answer.result = record;
  answer.steps.close();
  run.enterState(answer, "succeeded");
}
