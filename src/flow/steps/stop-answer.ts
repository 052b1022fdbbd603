import { OffstageError } from "../../errors.ts";
import type { AnswerRun, Run } from "../run.ts";
import { pause } from "./pause.ts";

const MAX_CALLS = 20;

/**
 * A cancelled turn: stops what runs for the chat, and is confirmed by looking.
 *
 * Effect: `POST tasks/chat/{id}/stop`, or per task on older servers.
 * Safe to repeat because: what has stopped stays so; the server's own reply is not to be believed (0.6.15).
 * Known done when: no task of ours is listed any more.
 * If the process dies here: the answer may go on to its end.
 */
export async function stopAnswer(run: Run, answer: AnswerRun): Promise<void> {
  if (answer.stopCalls > 0) await pause(run, answer);
  answer.stopCalls++;
  if (answer.stopCalls > MAX_CALLS) {
    throw new OffstageError(
      "conflict",
      `The server still lists work for the chat ${run.chatId} after ${MAX_CALLS} stops.`,
    );
  }
  await run.context.client.stopChatTasks(run.knownChatId(), run.call);
  answer.look = null;
}
