import { settledWithin } from "../answers/settled-within.ts";
import type { Sender } from "../auth/sender.ts";
import type { Context, User } from "../context.ts";
import type { ChatSummary } from "../store/store.ts";
import { findOwnChat } from "./chat-access.ts";
import { encodeChatRecord } from "./chat-document.ts";
import { findOwnFolder } from "./folder-access.ts";
import { comparable, parseSearch, type SearchQuery } from "./search-query.ts";
import { type StoredTag, storedTag } from "./tags.ts";

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
export async function readChat(
  context: Context,
  user: User,
  chatId: string,
  sender?: () => Sender,
): Promise<Buffer> {
  const { store } = context;
  await waitForYoungAnswers(context, chatId);
  // Asked for together and read in this order: messages are never older than the chat that names them.
  const [chat, messages] = await Promise.all([
    findOwnChat(store, store.read, user.id, chatId),
    store.messages.listEncodedMessages(store.read, chatId),
  ]);
  if (sender) context.journals.noteRead(chatId, sender);
  return encodeChatRecord(chat, messages);
}

/** A row of a list; times in seconds. */
function listItem(context: Context, chat: ChatSummary) {
  return {
    id: chat.id,
    title: chat.title,
    updated_at: chat.updated_at_sec,
    created_at: chat.created_at_sec,
    last_read_at: chat.last_read_at_sec,
    snippet: null,
    active: context.answers.ofChat(chat.id).length > 0,
    archived: chat.archived === 1,
    share_id: chat.share_id,
  };
}

/** The window of a list that is all of it. */
export const ALL = { limit: -1, offset: 0 };
const windowOf = (page: number) => ({ limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE });

/** The user's chats, newest update first; a page of 60 without pinned ones and those in folders, or all. */
export async function listChats(context: Context, user: User, page: number | undefined) {
  const { store } = context;
  const filter = page
    ? { pinned: false, folderId: null, ...windowOf(page) }
    : ({ pinned: "any", ...ALL } as const);
  const chats = await store.chats.listChats(store.read, { userId: user.id, archived: false, ...filter });
  return chats.map((chat) => listItem(context, chat));
}

/** The user's pinned chats, newest update first. */
export async function listPinned(context: Context, user: User) {
  const { store } = context;
  const filter = { userId: user.id, archived: false, pinned: true, ...ALL };
  return (await store.chats.listChats(store.read, filter)).map((chat) => listItem(context, chat));
}

/** The chats of one of the user's folders, newest update first; a page of 60, or all. @throws OffstageError `not_found` */
export async function listFolderChats(
  context: Context,
  user: User,
  folderId: string,
  page: number | undefined,
) {
  const { store } = context;
  await findOwnFolder(store, store.read, user.id, folderId);
  const chats = await store.chats.listChats(store.read, {
    userId: user.id,
    archived: false,
    pinned: "any",
    folderId,
    ...(page ? windowOf(page) : ALL),
  });
  return chats.map((chat) => listItem(context, chat));
}

/**
 * The same as 0.12.4's page of a folder asks for it: who owns and who took part is always the user.
 * @throws OffstageError `not_found`
 */
export async function listFolderPage(context: Context, user: User, folderId: string, order: ChatOrder) {
  const rows = sortedBy(await listFolderChats(context, user, folderId, undefined), order);
  const { limit, offset } = windowOf(order.page);
  const author = { id: user.id, name: user.name };
  return {
    chats: rows.slice(offset, offset + limit).map((row) => ({
      ...row,
      user_id: user.id,
      owner_name: user.name,
      participants: [author],
      readonly: false,
    })),
    folder_permission: "write",
    total: rows.length,
    has_more: offset + limit < rows.length,
  };
}

/** How the dialogs of archived and shared chats look through them. */
export interface ChatOrder {
  page: number;
  /** Only those whose title holds it, in any case. */
  query?: string | undefined;
  order_by?: "title" | "created_at" | "updated_at" | undefined;
  direction?: "asc" | "desc" | undefined;
}

/** A page of 60 of the user's archived, or shared, chats. */
export async function listOrdered(
  context: Context,
  user: User,
  kind: "archived" | "shared",
  order: ChatOrder,
) {
  const { store } = context;
  const filter = { userId: user.id, pinned: "any", ...ALL } as const;
  const archived = await store.chats.listChats(store.read, { ...filter, archived: true });
  const chats =
    kind === "archived"
      ? archived
      : [...(await store.chats.listChats(store.read, { ...filter, archived: false })), ...archived].filter(
          ({ share_id }) => share_id !== null,
        );
  const wanted = order.query?.toLowerCase() ?? "";
  const rows = chats
    .filter(({ title }) => title.toLowerCase().includes(wanted))
    .map((chat) => listItem(context, chat));
  const { limit, offset } = windowOf(order.page);
  return sortedBy(rows, order).slice(offset, offset + limit);
}

function sortedBy<Row extends { title: string; created_at: number; updated_at: number }>(
  rows: readonly Row[],
  { order_by: key = "updated_at", direction }: ChatOrder,
): Row[] {
  const sign = direction === "asc" ? 1 : -1;
  return rows.toSorted((a, b) => sign * (key === "title" ? a.title.localeCompare(b.title) : a[key] - b[key]));
}

/** How many chats the user has archived. */
export async function countArchived(context: Context, user: User): Promise<number> {
  const { store } = context;
  const filter = { userId: user.id, archived: true, pinned: "any", ...ALL } as const;
  return (await store.chats.listChats(store.read, filter)).length;
}

/** The user's chats with a tag, newest update first. */
export async function listTagged(
  context: Context,
  user: User,
  { name, skip, limit }: { name: string; skip: number; limit: number },
) {
  const { store } = context;
  const { id } = storedTag(name);
  const filter = { userId: user.id, archived: false, pinned: "any", ...ALL } as const;
  const tags = await store.chats.listTagsOfChats(store.read, user.id);
  const chats = await store.chats.listChats(store.read, filter);
  const found = chats.filter((chat) => tags.get(chat.id)?.some((tag) => tag.id === id));
  return found.slice(skip, skip + limit).map((chat) => listItem(context, chat));
}

/** Whole records of the user's chats as JSON, newest update first, one at a time. */
export async function* exportChats(
  { store }: Context,
  user: User,
  which: { archived: boolean; folderId?: string },
) {
  const filter = { userId: user.id, ...which, pinned: "any", ...ALL } as const;
  for (const { id } of await store.chats.listChats(store.read, filter)) {
    const chat = await store.chats.findChat(store.read, id);
    if (chat) yield encodeChatRecord(chat, await store.messages.listEncodedMessages(store.read, id));
  }
}

/** The same of one of the user's folders. @throws OffstageError `not_found` */
export async function* exportFolder(context: Context, user: User, folderId: string) {
  await findOwnFolder(context.store, context.store.read, user.id, folderId);
  yield* exportChats(context, user, { archived: false, folderId });
}

/** The user's chats that a search finds by words and filters, newest update first, 60 a page. */
export async function searchChats(context: Context, user: User, search: string, page = 1) {
  const place = { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
  return (await findChats(context, user, search, place)).map((chat) => listItem(context, chat));
}

/** The same chats, as they are stored. */
export async function findChats(
  context: Context,
  user: User,
  search: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<ChatSummary[]> {
  const { chats } = context.store;
  const query = parseSearch(search);
  const { text } = query;
  if (text === search) return chats.searchChats({ userId: user.id, text, limit, offset });
  const found = await chats.searchChats({ userId: user.id, text, limit: -1, offset: 0 });
  const isWanted = await chatFilter(context, user, query);
  return found.filter(isWanted).slice(offset, offset + limit);
}

async function chatFilter({ store }: Context, user: User, query: SearchQuery) {
  const { tags, folders, pinned, archived, shared } = query;
  const tagsOf = await store.chats.listTagsOfChats(store.read, user.id);
  const folderIds = new Set(
    (await store.folders.listFolders(store.read, user.id))
      .filter(({ name }) => folders.includes(comparable(name)))
      .map(({ id }) => id),
  );
  const all = { userId: user.id, archived: false, pinned: true, limit: -1, offset: 0 };
  const pinnedIds = pinned === undefined ? [] : await store.chats.listChats(store.read, all);
  const isPinned = new Set(pinnedIds.map(({ id }) => id));
  const fits = (wanted: boolean | undefined, is: boolean) => wanted === undefined || wanted === is;
  return (chat: ChatSummary) => {
    const own = (tagsOf.get(chat.id) ?? []).map(({ name }) => comparable(name));
    return (
      tags.every((tag) => own.includes(tag) || (tag === "none" && own.length === 0)) &&
      (folders.length === 0 || folderIds.has(chat.folder_id ?? "")) &&
      fits(pinned, isPinned.has(chat.id)) &&
      fits(archived, Boolean(chat.archived)) &&
      fits(shared, chat.share_id !== null)
    );
  };
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
