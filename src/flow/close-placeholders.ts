import { appendAnswers, type Forest } from "../chat-tree/index.ts";
import { answerText, decodeError } from "../contract/answer-decoding.ts";
import { asOffstageError, type OffstageError } from "../errors.ts";
import type { AnswerRun, Run } from "./run.ts";
import { writeHistory } from "./write-history.ts";

/** How an empty answer is marked as over; the error is what people read there. */
interface Mark {
  done: true;
  error?: { content: string };
}

const ABANDONED: Mark = {
  done: true,
  error: { content: "No sign of this answer ever came. The question was asked again, beside it." },
};

/**
 * Marks what an answer leaves of which nothing will come, as servers do it themselves: pages show an empty one as being
 * made, for ever. An answer that failed gets its error, one that was given up for another says so, and one that the
 * model left empty is merely done. What has a text, an error or a mark is left alone, and so is what may still come, or
 * stands in a chat that is at work. What fails here does not change how the turn ended: it stands in its error's details
 * as `unmarked`, or is told.
 */
export async function closePlaceholders(run: Run, answer: AnswerRun): Promise<void> {
  if (run.chatId === null || !run.hasBegun() || run.closed.aborted) return;
  const { problem, messageId, model } = answer;
  try {
    const mark = markOf(answer);
    if (mark !== null) await markInChat(run, answer, messageId, mark);
    // A server that cannot be reached, or is late, would be waited for once more.
    if (problem?.retryable === true) return;
    for (const id of answer.abandonedIds) await markInChat(run, answer, id, ABANDONED);
  } catch (thrown) {
    const error = asOffstageError(thrown);
    if (problem === null) run.context.tell({ type: "warning", error, messageId, model });
    else problem.details.unmarked = error.message;
  }
}

/** How the answer itself has to be marked; null where it is left alone. */
function markOf(answer: AnswerRun): Mark | null {
  const { problem, result, messageId } = answer;
  if (problem !== null) {
    return mayStillCome(answer, problem) ? null : { done: true, error: { content: problem.message } };
  }
  return isEmptyAnswer(result?.chat.history.messages[messageId]) ? { done: true } : null;
}

async function markInChat(run: Run, answer: AnswerRun, messageId: string, mark: Mark): Promise<void> {
  const { client } = run.context;
  const chatId = run.knownChatId();
  const { chat } = await client.getChat(chatId, run.call);
  if (!isEmptyAnswer(chat.history.messages[messageId])) return;
  if ((await client.listTasks(chatId, run.call)).length > 0) return;
  let marked = await writeHistory(run, (forest) => markAnswer(forest, messageId, mark));
  const refused = marked.chat.history.messages[messageId];
  const placeholder = run.placedTurn().answers.find(({ id }) => id === answer.messageId);
  if (isEmptyAnswer(refused) && refused.childrenIds?.length === 0 && placeholder !== undefined) {
    const { currentId } = marked.chat.history;
    // 0.12.4 keeps an answer that is not done from edits, but takes a new one with the same id.
    await client.deleteMessage(chatId, messageId, { ...run.call, repeatable: true });
    marked = await writeHistory(run, (forest) => {
      const whole = appendAnswers(forest, run.questionId ?? "", [{ ...placeholder, id: messageId }]);
      return { ...markAnswer(whole, messageId, mark), currentId };
    });
  }
  if (answer.result !== null) answer.result = marked;
}

function mayStillCome({ trigger }: AnswerRun, { code, retryable }: OffstageError): boolean {
  if (trigger.outcome === "never") return retryable && code !== "timed_out";
  return trigger.outcome === "unknown" || retryable;
}

function markAnswer(forest: Forest, messageId: string, mark: Mark): Forest {
  const former = forest.messages.get(messageId);
  if (!isEmptyAnswer(former)) return forest;
  return { ...forest, messages: new Map(forest.messages).set(messageId, { ...former, ...mark }) };
}

interface Shown {
  content?: unknown;
  output?: unknown;
  error?: unknown;
  done?: unknown;
}

function isEmptyAnswer<Message extends Shown>(message: Message | undefined): message is Message {
  if (message === undefined || message.done === true) return false;
  return answerText(message) === "" && decodeError(message.error) === null;
}
