import { branch } from "../chat-tree/index.ts";
import { answerText } from "../contract/answer-decoding.ts";
import type { CompletionRequest } from "../contract/completion.ts";
import type { CompletionMessage, Content, Role } from "../contract/message.ts";
import type { StoredChatDocument } from "../contract/stored-chat.ts";
import { storedForest } from "./place-turn.ts";
import type { AnswerRun, Run } from "./run.ts";
import { askedFiles, chatFiles } from "./turn-material.ts";

/**
 * The request for an answer that is right on every version: the whole branch as messages, the links where they are
 * understood (elsewhere they would reach the provider), a session so that it is saved, and no built-in tools unless asked.
 */
export function completionBody(run: Run, answer: AnswerRun, chat: StoredChatDocument): CompletionRequest {
  const { plan, profile, questionId } = run;
  const files = askedFiles(run);
  return {
    ...plan.body,
    chat_id: run.knownChatId(),
    id: answer.messageId,
    session_id: plan.ids.sessionId,
    model: answer.model,
    stream: true,
    messages: completionMessages(chat, questionId, plan.system),
    params: { function_calling: "legacy", ...plan.params },
    ...(plan.backgroundTasks && { background_tasks: plan.backgroundTasks }),
    // None named would mean all of the chat's, those that were deleted too.
    ...((files.length > 0 || chatFiles(chat).length > 0) && { files }),
    ...(profile?.linkParent && { parent_id: questionId }),
    ...(profile?.linkMessage && questionId !== null && { parent_message: { id: questionId } }),
  };
}

/** The conversation down to the question; answers without the model's thinking. */
function completionMessages(
  chat: StoredChatDocument,
  questionId: string | null,
  system: string | null,
): CompletionMessage[] {
  const messages: CompletionMessage[] = branch(storedForest(chat), questionId).map((message) => ({
    role: message.role as Role,
    content: message.role === "assistant" ? answerText(message) : (message.content as Content),
  }));
  return system === null ? messages : [{ role: "system", content: system }, ...messages];
}
