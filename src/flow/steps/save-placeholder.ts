import { asOffstageError, OffstageError } from "../../errors.ts";
import { placeTurn } from "../place-turn.ts";
import type { AnswerRun, Run } from "../run.ts";
import { writeHistory } from "../write-history.ts";
import { LATE_EFFECT_MS, mayStillHappen } from "./pause.ts";

const MAX_PLACEMENTS = 8;

/**
 * Steps 2 and 3: question and empty answers in a chat that is there already.
 *
 * Effect: `POST chats/{id}` with the tree as just read and our messages in it.
 * Safe to repeat because: it starts from a fresh read and adds only what is missing.
 * Known done when: read again, the messages stand there, linked both ways and shown.
 * If the process dies here: they stand there or not; the next look tells.
 */
export async function savePlaceholder(run: Run, answer: AnswerRun): Promise<void> {
  run.placements++;
  if (run.placements > MAX_PLACEMENTS) {
    const sentence = `The chat ${run.chatId} loses what is written to it: somebody else keeps saving an older state. Close its open pages and try again.`;
    throw new OffstageError("conflict", sentence);
  }
  try {
    const record = await writeHistory(run, (forest) => placeTurn(forest, run.placedTurn()), run.placements);
    answer.look = { taskIds: [], record };
  } catch (thrown) {
    if (mayStillHappen(asOffstageError(thrown))) {
      run.writePendingUntilMs = run.context.clock.nowMs() + LATE_EFFECT_MS;
    }
    throw thrown;
  }
}
