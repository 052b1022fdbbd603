import { deepestDescendant } from "../../chat-tree/index.ts";
import type { Queries } from "../../db/database.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { findOwnChat } from "./chat-access.ts";
import { shapeOf } from "./chat-rows.ts";
import { keptEvent } from "./kept-events.ts";
import { type StoredTag, storedTag, storedTags } from "./tags.ts";

/** Changes a chat's tags; resolves with them. @throws OffstageError `not_found` as 401 */
async function changeTags(
  context: Context,
  user: User,
  chatId: string,
  change: (tags: StoredTag[]) => StoredTag[],
): Promise<StoredTag[]> {
  const { store } = context;
  return store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, chatId);
    const tags = change(JSON.parse(chat.tags_json) as StoredTag[]);
    await store.chats.replaceChat(tx, { ...chat, tags_json: JSON.stringify(tags) });
    return tags;
  });
}

export const addTag = (context: Context, user: User, chatId: string, name: string) =>
  changeTags(context, user, chatId, (tags) => storedTags([...tags, name]));

export const removeTag = (context: Context, user: User, chatId: string, name: string) =>
  changeTags(context, user, chatId, (tags) => tags.filter(({ id }) => id !== storedTag(name).id));

export const removeAllTags = (context: Context, user: User, chatId: string) =>
  changeTags(context, user, chatId, () => []);

/** Stops what is being answered in a chat and waits until that is stored. */
async function stopAnswers(context: Context, chatId: string, messageIds?: readonly string[]): Promise<void> {
  const answers = context.answers
    .ofChat(chatId)
    .filter(({ messageId }) => messageIds === undefined || messageIds.includes(messageId));
  for (const answer of answers) answer.stop();
  await Promise.all(answers.map(({ settled }) => settled));
}

/** Deletes a chat for good; what is being answered in it is stopped first. @throws OffstageError `not_found` as 401 */
export async function deleteChat(context: Context, user: User, chatId: string): Promise<void> {
  const { store } = context;
  await findOwnChat(store, store.read, user.id, chatId);
  await stopAnswers(context, chatId);
  await store.write((tx) => store.chats.deleteChat(tx, chatId));
  context.bus.publish(user.id, { type: "chat-list-changed", chatId });
}

/** Deletes all of the user's chats. */
export async function deleteAllChats(context: Context, user: User): Promise<void> {
  for (const answer of context.answers.ofUser(user.id)) answer.stop();
  await Promise.all(context.answers.ofUser(user.id).map(({ settled }) => settled));
  await context.store.write((tx) => context.store.chats.deleteChatsOfUser(tx, user.id));
}

/** Changes one message in a chat; what the change returns is its new body. */
async function changeMessage(
  context: Context,
  user: User,
  ids: { chatId: string; messageId: string },
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Promise<{ body: Record<string, unknown>; currentId: string | null }> {
  const { store } = context;
  return store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, ids.chatId);
    const row = await findMessage(context, tx, chat, ids.messageId);
    const body = change(JSON.parse(row.body_json) as Record<string, unknown>);
    const revision = chat.revision + 1;
    await store.messages.replaceMessage(tx, {
      ...row,
      body_json: JSON.stringify(body),
      revision,
      in_snapshot: 0,
    });
    await store.chats.replaceChat(tx, { ...chat, revision, updated_at_sec: nowSec(context.clock) });
    return { body, currentId: chat.current_message_id };
  });
}

async function findMessage(
  context: Context,
  tx: Queries,
  chat: ChatTable,
  id: string,
): Promise<MessageTable> {
  const row = await context.store.messages.findMessage(tx, chat.id, id);
  if (row && row.deleted_at_sec === null) return row;
  throw new OffstageError("not_found", `The chat has no message "${id}".`);
}

/** Gives a message another text. @throws OffstageError `not_found`, `conflict` while it is being answered */
export async function editMessage(
  context: Context,
  user: User,
  ids: { chatId: string; messageId: string },
  content: string,
): Promise<void> {
  const { body, currentId } = await changeMessage(context, user, ids, (former) => {
    assertNotAnswered(context, ids);
    return { ...former, content };
  });
  const { chatId, messageId } = ids;
  context.bus.publish(user.id, {
    type: "messages-changed",
    chatId,
    messages: { [messageId]: body },
    currentId,
  });
}

/** @throws OffstageError `conflict` */
function assertNotAnswered(
  context: Context,
  { chatId, messageId }: { chatId: string; messageId: string },
): void {
  if (!context.answers.ofMessage(chatId, messageId)) return;
  throw new OffstageError(
    "conflict",
    `The message "${messageId}" is being answered: stop it or wait, then change its text.`,
  );
}

/** Passes an event of a message on to the user's pages, and keeps what such events keep. */
export async function postMessageEvent(
  context: Context,
  user: User,
  ids: { chatId: string; messageId: string },
  event: { type: string; data?: unknown },
): Promise<void> {
  const { store } = context;
  const kept = keptEvent(event);
  if (kept) {
    await changeMessage(context, user, ids, (body) => {
      if (kept.changesText) assertNotAnswered(context, ids);
      return kept.keep(body);
    });
  } else {
    const chat = await findOwnChat(store, store.read, user.id, ids.chatId);
    await findMessage(context, store.read, chat, ids.messageId);
  }
  context.bus.publish(user.id, {
    type: "posted",
    ...ids,
    event: { type: event.type, data: event.data ?? null },
  });
}

/**
 * Deletes a message with all that follows it; the end of what is left of its branch is current then. Nothing is gone for
 * good. @throws OffstageError `not_found`
 */
export async function deleteMessage(
  context: Context,
  user: User,
  ids: { chatId: string; messageId: string },
): Promise<void> {
  const { store } = context;
  const chat = await findOwnChat(store, store.read, user.id, ids.chatId);
  await findMessage(context, store.read, chat, ids.messageId);
  const doomedNow = subtree(
    shapeOf(chat, await store.messages.listMessages(store.read, chat.id)),
    ids.messageId,
  );
  await stopAnswers(context, ids.chatId, doomedNow);
  const currentId = await store.write(async (tx) => {
    const fresh = await findOwnChat(store, tx, user.id, ids.chatId);
    const rows = await store.messages.listMessages(tx, ids.chatId);
    const forest = shapeOf(fresh, rows);
    const message = forest.messages.get(ids.messageId);
    if (!message) return fresh.current_message_id;
    const doomed = new Set(subtree(forest, ids.messageId));
    const kept = shapeOf(
      fresh,
      rows.filter(({ id }) => !doomed.has(id)),
    );
    const isCurrentDoomed = fresh.current_message_id !== null && doomed.has(fresh.current_message_id);
    const anchor = message.parentId ?? [...kept.messages.keys()].at(-1);
    const current = isCurrentDoomed
      ? anchor === undefined
        ? null
        : (deepestDescendant(kept, anchor)?.id ?? null)
      : fresh.current_message_id;
    await store.messages.deleteMessages(tx, ids.chatId, [...doomed], nowSec(context.clock));
    await store.chats.replaceChat(tx, {
      ...fresh,
      current_message_id: current,
      revision: fresh.revision + 1,
      updated_at_sec: nowSec(context.clock),
    });
    return current;
  });
  context.bus.publish(user.id, { type: "messages-changed", chatId: ids.chatId, messages: {}, currentId });
}

/** A message's id and those of all that follows it. */
function subtree(forest: ReturnType<typeof shapeOf>, id: string): string[] {
  const found: string[] = [];
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    waiting.push(...(forest.messages.get(next)?.childrenIds ?? []));
  }
  return found;
}
