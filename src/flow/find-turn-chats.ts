import { answerText } from "../contract/answer-decoding.ts";
import type { ChatListItem } from "../contract/chat.ts";
import type { StoredChat } from "../contract/stored-chat.ts";
import type { Run } from "./run.ts";

/** The clocks of two machines and the whole seconds of a record may differ by this much. */
const CLOCK_SLACK_MS = 5_000;
const MAX_CHATS_READ = 120;
const MAX_PAGES = 20;
const SEARCH_WORDS = 6;

/**
 * Chats that hold the turn's question, the oldest first. No server searches ids: the chats made since our first attempt
 * are read one by one, then those that a search for the question's first words finds (the list leaves out some).
 */
export async function findTurnChats(run: Run): Promise<StoredChat[]> {
  const { client } = run.context;
  const questionId = run.plan.ids.userMessageId;
  const sinceMs = run.creation.firstAtServerMs - CLOCK_SLACK_MS;
  const readIds = new Set<string>();
  const found: StoredChat[] = [];

  async function readNew(rows: ChatListItem[]): Promise<void> {
    for (const { id, created_at } of rows) {
      if (created_at * 1000 < sinceMs || readIds.has(id) || readIds.size >= MAX_CHATS_READ) continue;
      readIds.add(id);
      const record = await client.getChat(id, run.call);
      if (record.chat.history.messages[questionId] !== undefined) found.push(record);
    }
  }

  for (let page = 1; page <= MAX_PAGES && readIds.size < MAX_CHATS_READ; page++) {
    const rows = await client.listChats({ ...run.call, page });
    await readNew(rows);
    // Newest change first: on a page without a late one, and after it, nothing can be ours.
    if (!rows.some(({ updated_at }) => updated_at * 1000 >= sinceMs)) break;
  }
  const words = run.plan.text.trim().split(/\s+/).slice(0, SEARCH_WORDS).join(" ");
  if (words !== "") await readNew(await client.searchChats(words, run.call));
  return found.sort((first, second) => first.created_at - second.created_at);
}

/**
 * Deletes chats that a creation with a lost reply made beside ours: only those that hold exactly our messages and no
 * answer, so that nothing of a person's can go.
 */
export async function deleteExtraChats(run: Run): Promise<void> {
  const { client } = run.context;
  const ownIds = new Set([run.plan.ids.userMessageId, ...run.plan.ids.answerIds]);
  for (const { id, chat } of await findTurnChats(run)) {
    const messages = Object.entries(chat.history.messages);
    const untouched =
      messages.length === ownIds.size &&
      messages.every(
        ([messageId, message]) =>
          ownIds.has(messageId) && (message.role === "user" || answerText(message) === ""),
      );
    if (id === run.chatId || !untouched) continue;
    if ((await client.listTasks(id, run.call)).length === 0) {
      await client.deleteChat(id, { ...run.call, repeatable: true });
    }
  }
}
