import { answerReasoning, answerText, decodeError } from "../contract/answer-decoding.ts";
import type { WireMessage } from "../contract/message.ts";
import { OffstageError } from "../errors.ts";
import { progress, tellReasoning, tellSnapshot } from "./answer-progress.ts";
import type { Observation } from "./decision-table.ts";
import { othersComeFirst } from "./others-turn.ts";
import { isPlaced } from "./place-turn.ts";
import type { AnswerRun, ChatLook, Run } from "./run.ts";
import { readServerProfile } from "./server-profile.ts";
import type { CallLimits } from "./turn-limits.ts";

/** Looks without a sign of life that make an answer lost, and those with text and without work that make it final. */
const CONCLUSIVE_LOOKS = 3;
const SILENT_LOOK_GAP_MS = 1_000;
const MAX_TRIGGERS = 3;

/** Looks at the chat, unless what was seen last still holds, and says what it shows. */
export async function observe(run: Run, answer: AnswerRun): Promise<Observation> {
  if (answer.problem !== null) return answer.problem.code === "unauthorized" ? "signed-out" : "refused";
  if (answer.completed) return "completed";
  const unsent = answer.trigger.outcome === "never";
  if (stopsUnsent(run, answer)) return "stopped";
  if (unsent && run.isOverdue()) return "overdue";
  const call = unsent && !run.creationIsOpen() ? run.droppableCall : run.call;
  run.profile ??= await readServerProfile(run.context.client, call);
  if (!run.material.ready) return "files-pending";
  if (run.chatId === null) return run.creationIsOpen() ? "creation-unknown" : "chat-absent";
  if (run.ticket?.isFirst() === false) return "chat-busy";
  if (answer.justAsked && !run.stopWanted) return "running";
  answer.look ??= await lookAtChat(run, call);
  answer.failures = 0;
  return unsent ? observeUnsent(run, answer, answer.look) : observeSent(run, answer, answer.look);
}

/** Whether the turn was cancelled before it asked, and nothing of it is to be looked for. */
export function stopsUnsent(run: Run, { trigger }: AnswerRun): boolean {
  return run.stopWanted && trigger.outcome === "never" && !run.creationIsOpen();
}

/** Tasks first: when none is listed, the chat read afterwards holds all that there will be. */
async function lookAtChat(run: Run, call: CallLimits): Promise<ChatLook> {
  const chatId = run.knownChatId();
  const taskIds = await run.context.client.listTasks(chatId, call);
  return { taskIds, record: await run.context.client.getChat(chatId, call) };
}

function observeUnsent(run: Run, answer: AnswerRun, { taskIds, record }: ChatLook): Observation {
  resolveRegenerated(run, answer, record.chat.history.messages);
  const placed = isPlaced(record.chat, run.placedTurn());
  run.turnSaved ||= placed;
  // Whoever began the turn may have asked already.
  if (run.plan.resumed && placed && answer.trigger.attempts === 0 && answer.abandonedIds.length === 0) {
    answer.trigger.outcome = "unknown";
    answer.trigger.atMs = run.context.clock.nowMs();
    return observeSent(run, answer, { taskIds, record });
  }
  if (taskIds.length > 0 && !run.siblingRuns(answer)) return "chat-busy";
  if (othersComeFirst(run, record.chat, placed)) return "chat-busy";
  if (placed) return "turn-ready";
  return run.context.clock.nowMs() < run.writePendingUntilMs ? "chat-busy" : "turn-missing";
}

/** The question and the model of an answer that is to be made once more. */
function resolveRegenerated(run: Run, answer: AnswerRun, messages: Record<string, WireMessage>): void {
  const { regenerate } = run.plan;
  if (regenerate === null || run.questionId !== null) return;
  const former = messages[regenerate];
  if (former?.role !== "assistant" || typeof former.parentId !== "string") {
    throw new OffstageError(
      former === undefined ? "not_found" : "bad_input",
      `'${regenerate}' cannot be answered once more: the chat ${run.chatId} holds no answer with this id under a question.`,
    );
  }
  run.questionId = former.parentId;
  answer.modelIdx = former.modelIdx ?? 0;
  if (answer.model === "") answer.model = former.model ?? former.modelName ?? "";
  if (answer.model === "") {
    throw new OffstageError("bad_input", `The answer '${regenerate}' names no model. Give the model to ask.`);
  }
}

function observeSent(run: Run, answer: AnswerRun, { taskIds, record }: ChatLook): Observation {
  const message = record.chat.history.messages[answer.messageId] ?? {};
  const ours = answer.trigger.taskIds;
  const listed = ours === null ? taskIds.length > 0 : taskIds.some((id) => ours.includes(id));
  const answered = answer.answeredAtMs !== null;
  const { attempts } = answer.trigger;
  if (run.stopWanted && !answered) return answer.stopCalls > 0 && !listed ? "stopped" : "stop-asked";
  const error = decodeError(message.error);
  if (error !== null) {
    if (wasOverwritten(run, answer, record) && attempts < MAX_TRIGGERS) return "unheard";
    answer.problem ??= modelFailed(run, answer, message, error.content);
    return "answer-failed";
  }
  const text = answerText(message);
  tellReasoning(run, answer, answerReasoning(message));
  const grew = tellSnapshot(run, answer, text);
  if (answered || isFinal(answer, message, text, listed)) return observeFinal(run, answer, listed);
  if (run.isOverdue()) return "overdue";
  if (listed || answer.streaming || grew) {
    progress(answer);
    return "running";
  }
  const observation = observeQuiet(run, answer, text);
  const again = observation === "silent" && attempts < MAX_TRIGGERS && wasOverwritten(run, answer, record);
  return again ? "unheard" : observation;
}

/** Whether somebody who did not know of the turn took it out of the chat, after which its answer had no place. */
function wasOverwritten(
  { questionId }: Run,
  { messageId }: AnswerRun,
  { chat }: ChatLook["record"],
): boolean {
  const { messages } = chat.history;
  return messages[questionId ?? ""] === undefined || messages[messageId]?.role !== "assistant";
}

/**
 * Final by the server's mark, which an open page may set too early and without text; or by a done event whose whole
 * text is stored, on servers that mark nothing.
 */
function isFinal(answer: AnswerRun, message: WireMessage, text: string, listed: boolean): boolean {
  if (message.done === true) return text !== "" || !listed;
  const finished = answer.finishedText?.trim();
  if (finished === undefined) return false;
  return finished === "" ? text === "" && !listed : text.length >= finished.length;
}

function observeFinal(run: Run, answer: AnswerRun, listed: boolean): Observation {
  const nowMs = run.context.clock.nowMs();
  answer.answeredAtMs ??= nowMs;
  if (!listed) return "all-done";
  const wanted = Object.values(run.plan.backgroundTasks ?? {}).includes(true);
  // Elsewhere step 6 waits for the background work itself.
  const waits = wanted && run.profile?.completedSettles === false && !run.stopWanted && !run.isOverdue();
  return waits && nowMs - answer.answeredAtMs < run.plan.settleTimeoutMs ? "answer-final" : "unsettled";
}

function observeQuiet(run: Run, answer: AnswerRun, text: string): Observation {
  const nowMs = run.context.clock.nowMs();
  const { outcome, attempts, atMs } = answer.trigger;
  answer.quietLooks++;
  if (nowMs - answer.lastSilentAtMs >= SILENT_LOOK_GAP_MS) {
    answer.silentLooks++;
    answer.lastSilentAtMs = nowMs;
  }
  if (text !== "" && answer.quietLooks >= CONCLUSIVE_LOOKS) return observeFinal(run, answer, false);
  if (text !== "") return "running";
  if (outcome === "accepted") return answer.silentLooks >= CONCLUSIVE_LOOKS ? "silent" : "running";
  const patient =
    outcome === "unknown"
      ? nowMs - atMs < run.plan.firstTokenGraceMs
      : answer.silentLooks < CONCLUSIVE_LOOKS && answer.quietLooks < run.plan.pollTries;
  if (patient) return "running";
  return attempts < MAX_TRIGGERS ? "unheard" : "silent";
}

function modelFailed(run: Run, answer: AnswerRun, message: WireMessage, sentence: string): OffstageError {
  return new OffstageError("model_failed", `${answer.model} failed to answer: ${sentence}`, {
    details: {
      chatId: run.chatId,
      messageId: answer.messageId,
      partialText: answerText(message),
      error: message.error,
    },
  });
}
