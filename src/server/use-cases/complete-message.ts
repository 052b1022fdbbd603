import type { CompletedRequest } from "../../contract/completion.ts";
import { isTemporaryChat } from "../../contract/ids.ts";
import { contentText } from "../../contract/message.ts";
import { settledWithin } from "../answers/settled-within.ts";
import type { Sender } from "../auth/sender.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { findOwnChat } from "./chat-access.ts";
import { findUsableModel } from "./find-model.ts";

/** How long step 6 waits for what is made after the answer. */
const MAX_WAIT_MS = 10_000;

/**
 * Tutorial step 6. Waits for the message's background tasks, keeps a text that comes along only in an empty placeholder
 * of which no task ran, and echoes the request. @throws OffstageError `not_found`
 */
export async function completeMessage(
  context: Context,
  user: User,
  request: CompletedRequest,
  sender: Sender,
): Promise<CompletedRequest> {
  const { store } = context;
  const isTemporary = isTemporaryChat(request.chat_id);
  const answer = context.answers
    .ofChat(request.chat_id)
    .find(({ messageId, userId }) => messageId === request.id && userId === user.id);
  if (!isTemporary && !answer) await findOwnChat(store, store.read, user.id, request.chat_id, 404);
  await findUsableModel(context, user, request.model);
  if (!isTemporary) context.journals.noteCompleted(request.chat_id, request.id, sender);
  if (answer) {
    await settledWithin(answer.settled, MAX_WAIT_MS);
    return request;
  }
  const text = contentText(request.messages?.find(({ id }) => id === request.id)?.content);
  if (text !== "" && !isTemporary) await fillPlaceholder(context, user, request, text);
  return request;
}

async function fillPlaceholder(
  context: Context,
  user: User,
  request: CompletedRequest,
  text: string,
): Promise<void> {
  const { store } = context;
  await store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, request.chat_id, 404);
    const row = await store.messages.findMessage(tx, chat.id, request.id);
    if (!row || row.deleted_at_sec !== null || row.answer_state !== "none" || row.role !== "assistant")
      return;
    const body = JSON.parse(row.body_json) as Record<string, unknown>;
    if (contentText(body.content) !== "") return;
    const revision = chat.revision + 1;
    const filled = { ...body, content: text, done: true };
    await store.messages.replaceMessage(tx, { ...row, body_json: JSON.stringify(filled), revision });
    await store.chats.replaceChat(tx, { ...chat, revision, updated_at_sec: nowSec(context.clock) });
  });
}
