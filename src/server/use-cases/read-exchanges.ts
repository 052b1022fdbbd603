import type { AnswerExchanges, AnswerJournal } from "../../contract/journal.ts";
import type { Origin } from "../../contract/origin.ts";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import { type JournalAddition, withAdditions } from "../journal/stored-journal.ts";
import { findOwnChat } from "./chat-access.ts";

/**
 * How an answer was made: the steps as the server saw them and the exchanges with its provider, of each time that it was
 * made and that is still kept. @throws OffstageError `not_found`, as 401 for the chat
 */
export async function readExchanges(
  context: Context,
  user: User,
  { chatId, messageId }: { chatId: string; messageId: string },
): Promise<AnswerExchanges> {
  const { store, journals } = context;
  await findOwnChat(store, store.read, user.id, chatId);
  const message = await store.messages.findMessage(store.read, chatId, messageId);
  if (!message || message.deleted_at_sec !== null)
    throw new OffstageError("not_found", `The chat has no message "${messageId}".`);
  await journals.flush();
  const [rows, lines] = await Promise.all([
    store.journals.listJournals(store.read, chatId, messageId),
    store.journals.listJournalLines(store.read, chatId, messageId),
  ]);
  const texts = new Map(rows.map((row) => [row.task_id, row.journal_json]));
  for (const { taskId, text } of journals.openTexts(chatId, messageId)) texts.set(taskId, text);
  const { origin } = JSON.parse(message.body_json) as { origin?: Origin };
  return {
    chat_id: chatId,
    message_id: messageId,
    origin: origin ?? null,
    attempts: [...texts].map(([taskId, text]) => {
      const additions = lines.filter(({ task_id }) => task_id === taskId);
      return withAdditions(
        JSON.parse(text) as AnswerJournal,
        additions.map(({ line_json }) => JSON.parse(line_json) as JournalAddition),
      );
    }),
  };
}
