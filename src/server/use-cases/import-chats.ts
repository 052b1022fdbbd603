import type { PostedChat } from "../../contract/chat.ts";
import type { Context, User } from "../context.ts";
import { assertRoomForChat } from "./chat-access.ts";
import { encodeChatRecord, encodedMessage } from "./chat-document.ts";
import { newChatRows } from "./create-chat.ts";
import { findOwnFolder } from "./folder-access.ts";

/** A chat as it was exported. */
export interface ImportedChat {
  chat: PostedChat;
  pinned?: boolean | null | undefined;
  archived?: boolean | null | undefined;
  folder_id?: string | null | undefined;
  meta?: { tags?: string[] | undefined } | null | undefined;
  /** In seconds; by default now. */
  created_at?: number | null | undefined;
  updated_at?: number | null | undefined;
}

/**
 * Keeps a chat that was exported, here or by an Open WebUI, as a new one; resolves with its record as JSON.
 * @throws OffstageError `bad_input` for a broken forest, `not_found` for a folder that is not the user's
 */
export async function keepPostedChat(context: Context, user: User, imported: ImportedChat): Promise<Buffer> {
  const { store } = context;
  const { chat: posted, folder_id, meta } = imported;
  const tags = posted.tags?.length ? posted.tags : (meta?.tags ?? []);
  const rows = newChatRows(context, user.id, { ...posted, tags }, { folderId: folder_id ?? null });
  const chat = {
    ...rows.chat,
    pinned: Number(imported.pinned ?? false),
    archived: Number(imported.archived ?? false),
    created_at_sec: Math.floor(imported.created_at ?? rows.chat.created_at_sec),
    updated_at_sec: Math.floor(imported.updated_at ?? rows.chat.updated_at_sec),
  };
  await store.write(async (tx) => {
    if (chat.folder_id !== null) await findOwnFolder(store, tx, user.id, chat.folder_id);
    await assertRoomForChat(context, tx, user.id);
    await store.chats.insertChat(tx, chat);
    for (const message of rows.messages) await store.messages.insertMessage(tx, message);
  });
  context.bus.publish(user.id, { type: "chat-list-changed", chatId: chat.id });
  return encodeChatRecord(chat, rows.messages.map(encodedMessage));
}

/** Imports several chats; resolves with their records as a JSON array. */
export async function importChats(
  context: Context,
  user: User,
  imported: readonly ImportedChat[],
): Promise<Buffer> {
  const records: Buffer[] = [];
  for (const chat of imported) records.push(await keepPostedChat(context, user, chat));
  return jsonArray(records);
}

/** JSON texts as one JSON array. */
export function jsonArray(texts: readonly Uint8Array[]): Buffer {
  const parts = texts.flatMap((text, index) => (index === 0 ? [text] : [Buffer.from(","), text]));
  return Buffer.concat([Buffer.from("["), ...parts, Buffer.from("]")]);
}
