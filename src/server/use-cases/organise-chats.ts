import type { ChatTable } from "../../db/schema.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { findOwnChat } from "./chat-access.ts";
import { encodeChatRecord } from "./chat-document.ts";
import { findOwnFolder } from "./folder-access.ts";

/** Changes what lists order a chat by; resolves with its record as JSON. @throws OffstageError `not_found` as 401 */
async function changeChat(
  context: Context,
  user: User,
  chatId: string,
  change: (chat: ChatTable) => Partial<ChatTable>,
): Promise<Buffer> {
  const { store, bus } = context;
  const changed = await store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, chatId);
    const next = { ...chat, ...change(chat) };
    await store.chats.replaceChat(tx, next);
    return next;
  });
  bus.publish(user.id, { type: "chat-list-changed", chatId });
  return encodeChatRecord(changed, await store.messages.listEncodedMessages(store.read, chatId));
}

/** Whether a chat is pinned. @throws OffstageError `not_found` as 401 */
export async function isPinned(context: Context, user: User, chatId: string): Promise<boolean> {
  const { store } = context;
  return (await findOwnChat(store, store.read, user.id, chatId)).pinned === 1;
}

/** Pins a chat, or takes the pin away. */
export const togglePin = (context: Context, user: User, chatId: string) =>
  changeChat(context, user, chatId, ({ pinned }) => ({ pinned: 1 - pinned }));

/** Puts a chat into the archive without its pin, or takes it out. */
export const toggleArchive = (context: Context, user: User, chatId: string) =>
  changeChat(context, user, chatId, ({ archived }) =>
    archived ? { archived: 0 } : { archived: 1, pinned: 0 },
  );

/** Puts a chat into a folder of the user's, or with null into none. @throws OffstageError `not_found` */
export async function moveChat(context: Context, user: User, chatId: string, folderId: string | null) {
  const { store } = context;
  if (folderId !== null) await findOwnFolder(store, store.read, user.id, folderId);
  return changeChat(context, user, chatId, () => ({ folder_id: folderId, pinned: 0 }));
}

/** Merges into a chat's `params`; resolves with all of them. */
export async function changeChatParams(
  context: Context,
  user: User,
  chatId: string,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { store } = context;
  return store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, chatId);
    const body = JSON.parse(chat.body_json) as { params?: Record<string, unknown> };
    const given = Object.entries({ ...body.params, ...params });
    const merged = Object.fromEntries(given.filter(([, value]) => value !== null));
    await store.chats.replaceChat(tx, { ...chat, body_json: JSON.stringify({ ...body, params: merged }) });
    return merged;
  });
}

/** Puts all of the user's chats into the archive, or takes them all out. */
export async function archiveAll(context: Context, user: User, archived: boolean): Promise<void> {
  const { store } = context;
  await store.write((tx) => store.chats.archiveChats(tx, user.id, archived));
}

/** A chat counts as read from now on, or as unread. Resolves with when it was read, in seconds; 0 for never. */
export async function markChatRead(
  context: Context,
  user: Pick<User, "id">,
  chatId: string,
  isRead: boolean,
): Promise<number> {
  const { store } = context;
  const readAtSec = isRead ? nowSec(context.clock) : 0;
  await store.write(async (tx) => {
    await findOwnChat(store, tx, user.id, chatId, 404);
    await store.chats.readChat(tx, chatId, readAtSec);
  });
  return readAtSec;
}

/** All of the user's chats count as read; resolves with how many there are. */
export async function markAllRead(context: Context, user: User): Promise<number> {
  const { store } = context;
  return store.write((tx) => store.chats.readChats(tx, user.id, nowSec(context.clock)));
}
