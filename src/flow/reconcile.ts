import { asOffstageError, OffstageError } from "../errors.ts";
import { advance, decide, isEnded, type State, type Step } from "./decision-table.ts";
import { observe, stopsUnsent } from "./observe.ts";
import type { AnswerRun, Run } from "./run.ts";
import { askAgain } from "./steps/ask-again.ts";
import { awaitAnswer } from "./steps/await-answer.ts";
import { awaitFiles } from "./steps/await-files.ts";
import { awaitTurn } from "./steps/await-turn.ts";
import { completeMessage } from "./steps/complete-message.ts";
import { createChat } from "./steps/create-chat.ts";
import { fetchChat } from "./steps/fetch-chat.ts";
import { findChat } from "./steps/find-chat.ts";
import { savePlaceholder } from "./steps/save-placeholder.ts";
import { stopAnswer } from "./steps/stop-answer.ts";
import { triggerCompletion } from "./steps/trigger-completion.ts";
import type { StepName } from "./turn-event.ts";

type Act = (run: Run, answer: AnswerRun) => Promise<void>;

const ACTS: Record<Step, Act> = {
  awaitFiles,
  createChat,
  findChat,
  awaitTurn,
  savePlaceholder,
  triggerCompletion,
  awaitAnswer,
  askAgain,
  awaitSettling: awaitAnswer,
  completeMessage,
  fetchChat,
  stopAnswer,
  fail: async (run, answer) => end(run, answer, "failed", answer.problem ?? gone(run)),
  timeOut: async (run, answer) => end(run, answer, "failed", overdue(run)),
  lose: async (run, answer) => end(run, answer, "lost", lost(run, answer)),
  cancel: async (run, answer) => end(run, answer, "cancelled", cancelled(run, answer)),
  block: async (run, answer) => end(run, answer, "blocked", answer.problem),
  stay: async () => {},
};

/** The tutorial's step that a command belongs to, and whether it is an attempt at it; the others belong to none. */
const TOLD_AS: Partial<Record<Step, { name: StepName; acts: boolean }>> = {
  createChat: { name: "createChat", acts: true },
  findChat: { name: "createChat", acts: false },
  savePlaceholder: { name: "savePlaceholder", acts: true },
  triggerCompletion: { name: "triggerCompletion", acts: true },
  awaitAnswer: { name: "awaitAnswer", acts: true },
  completeMessage: { name: "completeMessage", acts: false },
  fetchChat: { name: "fetchChat", acts: true },
};

/**
 * Looks, decides, acts, and looks again, until the answer has ended or has come to `until`. Never throws: what goes
 * wrong is in `answer.problem`.
 */
export async function reconcile(run: Run, answer: AnswerRun, until?: State): Promise<void> {
  while (!isEnded(answer.state)) {
    if (run.closed.aborted) {
      end(run, answer, "cancelled", cancelled(run, answer));
      return;
    }
    try {
      const observation = await observe(run, answer);
      run.enterState(answer, advance(answer.state, observation));
      if (answer.state === until) return;
      const step = decide(answer.state, observation);
      const told = TOLD_AS[step];
      if (told !== undefined) answer.steps.enter(told.name, told.acts);
      await ACTS[step](run, answer);
    } catch (thrown) {
      await recover(run, answer, asOffstageError(thrown));
    }
  }
}

/**
 * What may pass is tried again after a pause, what does not ends the run. So does everything before the first effect:
 * the client has tried often enough by then, and nothing is left behind.
 */
async function recover(run: Run, answer: AnswerRun, error: OffstageError): Promise<void> {
  if (run.closed.aborted || stopsUnsent(run, answer)) return;
  answer.look = null;
  answer.failures++;
  const passes = error.retryable || (run.stopWanted && error.code === "cancelled");
  const late = run.isOverdue() || run.isOutOfTime();
  const hopeless = !passes || !run.hasBegun() || late || answer.failures >= run.plan.pollTries;
  if (hopeless) answer.problem = error;
  else await answer.waker.wait(Math.min(run.plan.pollCapMs, run.plan.pollFirstMs * 2 ** answer.failures));
}

function end(run: Run, answer: AnswerRun, state: State, problem: OffstageError | null): void {
  answer.problem = problem;
  answer.steps.close(problem ?? undefined);
  run.enterState(answer, state);
}

function details(run: Run, answer: AnswerRun): Record<string, unknown> {
  return { chatId: run.chatId, messageId: answer.messageId, partialText: answer.snapshot };
}

function gone(run: Run): OffstageError {
  return new OffstageError("not_found", `The chat ${run.chatId} is not there any more.`);
}

function overdue(run: Run): OffstageError {
  const where = run.chatId === null ? "" : ` It may still come: see the chat ${run.chatId}.`;
  const sentence = `No whole answer came within ${run.plan.timeoutMs} ms.${where} Allow it more by timeoutMs.`;
  return new OffstageError("timed_out", sentence, { details: { chatId: run.chatId } });
}

function lost(run: Run, answer: AnswerRun): OffstageError {
  const sentence = `The server has neither an answer nor work for the message ${answer.messageId} of the chat ${run.chatId}. Ask for it once more with regenerate.`;
  return new OffstageError("answer_lost", sentence, { details: details(run, answer) });
}

function cancelled(run: Run, answer: AnswerRun): OffstageError {
  const goesOn = (run.closed.aborted && !run.stopWanted) || answer.trigger.outcome === "unknown";
  const sentence = goesOn
    ? `The turn was ended; the server may still finish it in the chat ${run.chatId}.`
    : "The turn was cancelled.";
  return new OffstageError("cancelled", sentence, { details: details(run, answer) });
}
