import { settledWithin } from "../answers/settled-within.ts";
import type { Context, User } from "../context.ts";
import type { ChatSummary } from "../store/store.ts";
import { findOwnChat } from "./chat-access.ts";
import { encodeChatRecord } from "./chat-document.ts";
import type { StoredTag } from "./tags.ts";

/** Chats on a page of a list. */
export const PAGE_SIZE = 60;

/** An answer younger than this may end at any moment: a read of its chat waits for that, but hardly. */
const YOUNG_ANSWER_MS = 50;
const MAX_WAIT_MS = 5;

/** Spares who polls a second look where a quick provider answers within milliseconds. */
async function waitForYoungAnswers(context: Context, chatId: string): Promise<void> {
  const nowMs = context.clock.nowMs();
  const young = context.answers.ofChat(chatId).filter(({ beganAtMs }) => nowMs - beganAtMs < YOUNG_ANSWER_MS);
  if (young.length === 0) return;
  await settledWithin(Promise.all(young.map(({ ended }) => ended)), MAX_WAIT_MS);
}

/** Tutorial steps 5 and 7: a chat's record as JSON. @throws OffstageError `not_found` as 401 */
export async function readChat(context: Context, user: User, chatId: string): Promise<Buffer> {
  const { store } = context;
  await waitForYoungAnswers(context, chatId);
  const chat = await findOwnChat(store, store.read, user.id, chatId);
  return encodeChatRecord(chat, await store.messages.listEncodedMessages(store.read, chatId));
}

const listItem = ({ id, title, updated_at_sec, created_at_sec }: ChatSummary) => ({
  id,
  title,
  updated_at: updated_at_sec,
  created_at: created_at_sec,
});

/** The user's chats, newest update first; a page of 60, or all. */
export async function listChats(context: Context, user: User, page: number | undefined) {
  const { store } = context;
  const window = page ? { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE } : { limit: -1, offset: 0 };
  const chats = await store.chats.listChats(store.read, {
    userId: user.id,
    archived: false,
    pinned: page ? false : "any",
    ...window,
  });
  return chats.map(listItem);
}

/** The user's chats that hold the text in their title or in a message. */
export async function searchChats(context: Context, user: User, text: string, page = 1) {
  const chats = await context.store.chats.searchChats({
    userId: user.id,
    text,
    limit: PAGE_SIZE,
    offset: (page - 1) * PAGE_SIZE,
  });
  return chats.map(listItem);
}

const wireTag = (user: User, { id, name, color }: StoredTag) => ({
  id,
  name,
  color,
  user_id: user.id,
  meta: null,
});

/** A chat's tags. @throws OffstageError `not_found` as 401 */
export async function listChatTags(context: Context, user: User, chatId: string) {
  const chat = await findOwnChat(context.store, context.store.read, user.id, chatId);
  return (JSON.parse(chat.tags_json) as StoredTag[]).map((tag) => wireTag(user, tag));
}

/** Every tag of the user's chats. */
export async function listAllTags(context: Context, user: User) {
  const { store } = context;
  return (await store.chats.listTags(store.read, user.id)).map((tag) => wireTag(user, tag));
}
