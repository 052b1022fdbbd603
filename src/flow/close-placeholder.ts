import { appendAnswers, type Forest } from "../chat-tree/index.ts";
import { answerText, decodeError } from "../contract/answer-decoding.ts";
import { asOffstageError, type OffstageError } from "../errors.ts";
import type { AnswerRun, Run } from "./run.ts";
import { writeHistory } from "./write-history.ts";

/**
 * Marks an answer of which nothing will come with why, as servers mark their own failures: pages show an empty one as
 * being made, for ever. One that has a text, an error or a mark is left alone, and so is one that may still come, or
 * whose chat is at work. What fails here does not change how the turn ended: it stands in its error's details as
 * `unmarked`.
 */
export async function closePlaceholder(run: Run, answer: AnswerRun): Promise<void> {
  const { problem } = answer;
  if (problem === null || run.chatId === null || !run.hasBegun() || run.closed.aborted) return;
  if (mayStillCome(answer, problem)) return;
  try {
    await markInChat(run, answer.messageId, problem.message);
  } catch (thrown) {
    problem.details.unmarked = asOffstageError(thrown).message;
  }
}

async function markInChat(run: Run, messageId: string, sentence: string): Promise<void> {
  const { client } = run.context;
  const chatId = run.knownChatId();
  const { chat } = await client.getChat(chatId, run.call);
  if (!isEmptyAnswer(chat.history.messages[messageId])) return;
  if ((await client.listTasks(chatId, run.call)).length > 0) return;
  const marked = await writeHistory(run, (forest) => markAnswer(forest, messageId, sentence));
  const refused = marked.chat.history.messages[messageId];
  const placeholder = run.placedTurn().answers.find(({ id }) => id === messageId);
  if (!isEmptyAnswer(refused) || refused.childrenIds?.length !== 0 || placeholder === undefined) return;
  // 0.12.4 keeps an answer that is not done from edits, but takes a new one with the same id.
  await client.deleteMessage(chatId, messageId, { ...run.call, repeatable: true });
  await writeHistory(run, (forest) =>
    markAnswer(appendAnswers(forest, run.questionId ?? "", [placeholder]), messageId, sentence),
  );
}

function mayStillCome({ trigger }: AnswerRun, { code, retryable }: OffstageError): boolean {
  if (trigger.outcome === "never") return retryable && code !== "timed_out";
  return trigger.outcome === "unknown" || retryable;
}

function markAnswer(forest: Forest, messageId: string, sentence: string): Forest {
  const former = forest.messages.get(messageId);
  if (!isEmptyAnswer(former)) return forest;
  const marked = { ...former, done: true, error: { content: sentence } };
  return { ...forest, messages: new Map(forest.messages).set(messageId, marked) };
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
