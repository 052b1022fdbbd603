import { isTemporaryChat } from "../../contract/ids.ts";
import { OffstageError } from "../../errors.ts";
import type { RunningAnswer } from "../answers/answer-registry.ts";
import type { Context, User } from "../context.ts";
import { findOwnChat } from "./chat-access.ts";

async function stopAll(answers: readonly RunningAnswer[]): Promise<void> {
  for (const answer of answers) answer.stop();
  await Promise.all(answers.map(({ settled }) => settled));
}

/** Stops one task of the user's; resolves once its end is stored. @throws OffstageError `not_found` */
export async function stopTask(context: Context, user: User, taskId: string): Promise<void> {
  const answer = context.answers.ofTask(taskId);
  if (answer?.userId !== user.id)
    throw new OffstageError("not_found", `There is no running task "${taskId}".`);
  await stopAll([answer]);
}

/** Stops all that is being answered in a chat; resolves with how many that were. @throws OffstageError `not_found` */
export async function stopChat(context: Context, user: User, chatId: string): Promise<number> {
  if (!isTemporaryChat(chatId)) await findOwnChat(context.store, context.store.read, user.id, chatId, 404);
  const answers = answersOf(context, user, chatId);
  await stopAll(answers);
  return answers.length;
}

/** The ids of a chat's running tasks; none for a chat that is not the user's. */
export function listChatTasks(context: Context, user: User, chatId: string): string[] {
  return answersOf(context, user, chatId).map(({ taskId }) => taskId);
}

/** The user's own: pages name temporary chats, and two may have one name. */
function answersOf(context: Context, user: User, chatId: string): RunningAnswer[] {
  return context.answers.ofChat(chatId).filter(({ userId }) => userId === user.id);
}
