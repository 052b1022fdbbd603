import { normaliseNewChat } from "../../chat-tree/index.ts";
import type { ChatForm, PostedChat } from "../../contract/chat.ts";
import type { Origin } from "../../contract/origin.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import type { Sender } from "../auth/sender.ts";
import type { Context, User } from "../context.ts";
import { nowSec } from "../context.ts";
import { assertRoomForChat, assertRoomForMessages } from "./chat-access.ts";
import { encodeChatRecord, encodedMessage } from "./chat-document.ts";
import { answersOf, newMessageRow, withOrigin } from "./chat-rows.ts";
import { findOwnFolder } from "./folder-access.ts";
import { storedTags } from "./tags.ts";

/** Keys of a posted chat that are kept in places of their own. */
const OWN_PLACES = new Set(["id", "title", "tags", "messages", "history", "currentId", "current_id"]);

/** A posted chat's other keys: `models`, `files`, `params`, `timestamp` and all that is not known here. */
export function chatBodyOf(posted: PostedChat): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(posted).filter(
      ([key, value]) => !OWN_PLACES.has(key) && value !== undefined && value !== null,
    ),
  );
}

/** A new chat's row and its messages', not stored yet; `origin` where somebody asks by it. @throws OffstageError `bad_input` for a cycle or an orphan */
export function newChatRows(
  context: Pick<Context, "clock" | "config" | "newId">,
  userId: string,
  posted: PostedChat,
  { folderId = null, origin }: { folderId?: string | null; origin?: Origin } = {},
): { chat: ChatTable; messages: MessageTable[] } {
  const forest = normaliseNewChat(posted, { newId: context.newId });
  const id = context.newId();
  const now = nowSec(context.clock);
  const title = posted.title || "New Chat";
  const defaults = { models: [], files: [], params: {}, timestamp: context.clock.nowMs() };
  const chat: ChatTable = {
    id,
    user_id: userId,
    title,
    posted_title: posted.title ?? null,
    body_json: JSON.stringify({ ...defaults, ...chatBodyOf(posted) }),
    tags_json: JSON.stringify(storedTags(posted.tags ?? [])),
    current_message_id: forest.currentId,
    revision: 1,
    archived: 0,
    pinned: 0,
    folder_id: folderId,
    share_id: null,
    meta_json: "{}",
    created_at_sec: now,
    updated_at_sec: now,
    last_read_at_sec: now,
  };
  assertRoomForMessages(context, forest.messages.size);
  const messages = [...forest.messages.values()].map((message, position) =>
    newMessageRow(id, withOrigin(message, origin), { position, revision: 1, inSnapshot: true }),
  );
  return { chat, messages };
}

/** Tutorial step 1: keeps a new chat; resolves with its record as JSON. */
export async function createChat(
  context: Context,
  user: User,
  form: ChatForm,
  sender: Sender,
): Promise<Buffer> {
  const { store } = context;
  const place = { folderId: form.folder_id ?? null, origin: sender.origin };
  const { chat, messages } = newChatRows(context, user.id, form.chat, place);
  await store.write(async (tx) => {
    if (chat.folder_id !== null) await findOwnFolder(store, tx, user.id, chat.folder_id);
    await assertRoomForChat(context, tx, user.id);
    const written = [
      store.chats.insertChat(tx, chat),
      ...messages.map((message) => store.messages.insertMessage(tx, message)),
    ];
    tx.endHere();
    await Promise.all(written);
  });
  context.journals.noteSave(chat.id, "chat_created", sender, answersOf(messages));
  context.bus.publish(user.id, { type: "chat-list-changed", chatId: chat.id });
  return encodeChatRecord(chat, messages.map(encodedMessage));
}
