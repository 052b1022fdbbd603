import type { PostedChat } from "../../contract/chat.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { EncodedMessage } from "../store/store.ts";
import { chatNotFound, findOwnChat } from "./chat-access.ts";
import { encodeChatRecord } from "./chat-document.ts";
import { keepPostedChat } from "./import-chats.ts";

/**
 * Keeps a copy of the chat as it is now, which everybody with an account who has its id may read; sharing again renews
 * the copy. Resolves with the copy's record as JSON: its `id` and `share_id` are the copy's.
 */
export async function shareChat(context: Context, user: User, chatId: string): Promise<Buffer> {
  const { store } = context;
  return store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, chatId);
    const shareId = chat.share_id ?? context.newId();
    const messages = await store.messages.listEncodedMessages(tx, chatId);
    const copy = { ...chat, id: shareId, share_id: shareId, folder_id: null, pinned: 0, archived: 0 };
    const record = encodeChatRecord(copy, messages.map(withoutOrigin));
    await store.shares.putShare(tx, {
      id: shareId,
      chat_id: chatId,
      shared_at_sec: nowSec(context.clock),
      record_json: record.toString(),
    });
    await store.chats.replaceChat(tx, { ...chat, share_id: shareId });
    return record;
  });
}

/** How its owner asked is nobody else's business. */
function withoutOrigin(message: EncodedMessage): EncodedMessage {
  const { origin: _origin, ...body } = JSON.parse(Buffer.from(message.body).toString()) as {
    origin?: unknown;
  };
  return { ...message, body: Buffer.from(JSON.stringify(body)) };
}

/** Nobody can read the copy any more. Resolves with whether there was one. @throws OffstageError `not_found` as 401 */
export async function unshareChat(context: Context, user: User, chatId: string): Promise<boolean> {
  const { store } = context;
  return store.write(async (tx) => {
    const chat = await findOwnChat(store, tx, user.id, chatId);
    await store.chats.replaceChat(tx, { ...chat, share_id: null });
    return store.shares.deleteShareOfChat(tx, chatId);
  });
}

/** A shared copy's record as JSON, for any user. @throws OffstageError `not_found` as 401 */
export async function readShare(context: Context, shareId: string): Promise<string> {
  const { store } = context;
  const share = await store.shares.findShare(store.read, shareId);
  if (!share) throw chatNotFound(shareId);
  return share.record_json;
}

/** Makes a chat of the user's own from a shared copy; resolves with its record as JSON. */
export async function cloneShare(context: Context, user: User, shareId: string): Promise<Buffer> {
  const { chat } = JSON.parse(await readShare(context, shareId)) as { chat: PostedChat };
  const title = `Clone of ${chat.title ?? "a chat"}`;
  return keepPostedChat(context, user, { chat: { ...chat, title, originalChatId: shareId } });
}
