import type { Queries } from "../../db/database.ts";
import type { FolderTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { ChatSummary } from "../store/store.ts";
import { deleteChat } from "./change-chat.ts";
import { findOwnFolder } from "./folder-access.ts";
import { ALL } from "./read-chats.ts";

/** What a post may say of a folder. */
export interface FolderChange {
  name?: string | undefined;
  meta?: Record<string, unknown> | null | undefined;
  data?: Record<string, unknown> | null | undefined;
}

/** A folder's record; times in seconds. `items.chats` only where they were asked for. */
function folderRecord(folder: FolderTable, chats?: readonly ChatSummary[]) {
  const unread = chats?.filter(isUnread).length ?? 0;
  return {
    id: folder.id,
    parent_id: folder.parent_id,
    user_id: folder.user_id,
    name: folder.name,
    items: chats ? { chats: chats.map(({ id, title }) => ({ id, title })) } : null,
    meta: JSON.parse(folder.meta_json) as unknown,
    data: JSON.parse(folder.data_json) as unknown,
    is_expanded: folder.is_expanded === 1,
    access_grants: [],
    write_access: true,
    unread_count: unread,
    created_at: folder.created_at_sec,
    updated_at: folder.updated_at_sec,
  };
}

export const isUnread = ({ updated_at_sec, last_read_at_sec }: ChatSummary) =>
  updated_at_sec > (last_read_at_sec ?? 0);

/** The user's folders by name, with the chats in each. */
export async function listFolders(context: Context, user: User) {
  const { store } = context;
  const folders = await store.folders.listFolders(store.read, user.id);
  const chats = await store.chats.listChats(store.read, {
    userId: user.id,
    archived: false,
    pinned: "any",
    ...ALL,
  });
  const byFolder = Map.groupBy(chats, ({ folder_id }) => folder_id);
  return folders.map((folder) => folderRecord(folder, byFolder.get(folder.id) ?? []));
}

/** One folder. @throws OffstageError `not_found` */
export async function readFolder(context: Context, user: User, id: string) {
  const { store } = context;
  return folderRecord(await findOwnFolder(store, store.read, user.id, id));
}

/** Makes a folder. @throws OffstageError `bad_input` for a name that is taken beside it, `not_found` for its parent */
export async function createFolder(
  context: Context,
  user: User,
  { name, parentId, meta, data }: FolderChange & { name: string; parentId: string | null },
) {
  const { store } = context;
  const now = nowSec(context.clock);
  const folder: FolderTable = {
    id: context.newId(),
    user_id: user.id,
    parent_id: parentId,
    name,
    is_expanded: 0,
    created_at_sec: now,
    updated_at_sec: now,
    meta_json: JSON.stringify(meta ?? null),
    data_json: JSON.stringify(data ?? null),
  };
  await store.write(async (tx) => {
    if (parentId !== null) await findOwnFolder(store, tx, user.id, parentId);
    await assertNameFree(context, tx, folder);
    await store.folders.insertFolder(tx, folder);
  });
  return folderRecord(folder);
}

async function changeFolder(
  context: Context,
  user: User,
  id: string,
  change: (tx: Queries, folder: FolderTable) => Promise<Partial<FolderTable>>,
) {
  const { store } = context;
  return store.write(async (tx) => {
    const folder = await findOwnFolder(store, tx, user.id, id);
    const changed = { ...folder, ...(await change(tx, folder)), updated_at_sec: nowSec(context.clock) };
    await assertNameFree(context, tx, changed);
    await store.folders.replaceFolder(tx, changed);
    return folderRecord(changed);
  });
}

/** Gives a folder another name, icon or settings. */
export const updateFolder = (context: Context, user: User, id: string, { name, meta, data }: FolderChange) =>
  changeFolder(context, user, id, async (_tx, folder) => ({
    name: name ?? folder.name,
    ...(meta === undefined ? {} : { meta_json: mergedJson(folder.meta_json, meta) }),
    ...(data === undefined ? {} : { data_json: mergedJson(folder.data_json, data) }),
  }));

export const expandFolder = (context: Context, user: User, id: string, isExpanded: boolean) =>
  changeFolder(context, user, id, async () => ({ is_expanded: Number(isExpanded) }));

/** Puts a folder into another one, or with null into none. @throws OffstageError `bad_input` for a folder in itself */
export const moveFolder = (context: Context, user: User, id: string, parentId: string | null) =>
  changeFolder(context, user, id, async (tx) => {
    const { store } = context;
    for (let above = parentId; above !== null; ) {
      if (above === id) throw new OffstageError("bad_input", "A folder cannot be put into itself.");
      above = (await findOwnFolder(store, tx, user.id, above)).parent_id;
    }
    return { parent_id: parentId };
  });

/** Deletes a folder with the folders in it; the chats of all of them are deleted, or left without a folder. */
export async function deleteFolder(
  context: Context,
  user: User,
  id: string,
  { withChats }: { withChats: boolean },
): Promise<void> {
  const { store, bus } = context;
  await findOwnFolder(store, store.read, user.id, id);
  const doomed = await foldersUnder(context, user, id);
  if (withChats) {
    for (const folderId of doomed) {
      for (const chat of await chatsInFolder(context, user, folderId))
        await deleteChat(context, user, chat.id);
    }
  }
  await store.write(async (tx) => {
    for (const from of doomed) await store.chats.moveChats(tx, { userId: user.id, from, to: null });
    await store.folders.deleteFolder(tx, id);
  });
  bus.publish(user.id, { type: "chat-list-changed", chatId: "" });
}

/** All chats of a folder count as read; resolves with the folders' ids. */
export async function markFolderRead(context: Context, user: User, id: string): Promise<string[]> {
  const { store } = context;
  await findOwnFolder(store, store.read, user.id, id);
  const folderIds = await foldersUnder(context, user, id);
  const now = nowSec(context.clock);
  for (const folderId of folderIds) {
    const chats = await chatsInFolder(context, user, folderId);
    await store.write(async (tx) => {
      for (const chat of chats) await store.chats.readChat(tx, chat.id, now);
    });
  }
  return folderIds;
}

/** The chats of a folder that is the user's own, archived ones too. */
async function chatsInFolder(context: Context, user: User, folderId: string): Promise<ChatSummary[]> {
  const { store } = context;
  const filter = { userId: user.id, folderId, pinned: "any", ...ALL } as const;
  return [
    ...(await store.chats.listChats(store.read, { ...filter, archived: false })),
    ...(await store.chats.listChats(store.read, { ...filter, archived: true })),
  ];
}

/** A folder and all that are in it, at any depth. */
async function foldersUnder(context: Context, user: User, id: string): Promise<string[]> {
  const { store } = context;
  const children = Map.groupBy(
    await store.folders.listFolders(store.read, user.id),
    ({ parent_id }) => parent_id,
  );
  const found = [id];
  for (const folderId of found) found.push(...(children.get(folderId) ?? []).map((folder) => folder.id));
  return found;
}

async function assertNameFree(context: Context, tx: Queries, folder: FolderTable): Promise<void> {
  const folders = await context.store.folders.listFolders(tx, folder.user_id);
  const taken = folders.some(
    ({ id, parent_id, name }) =>
      id !== folder.id && parent_id === folder.parent_id && name.toLowerCase() === folder.name.toLowerCase(),
  );
  if (taken) throw new OffstageError("bad_input", `There is a folder "${folder.name}" here already.`);
}

const mergedJson = (stored: string, change: Record<string, unknown> | null) =>
  JSON.stringify(change === null ? null : { ...(JSON.parse(stored) as object | null), ...change });
