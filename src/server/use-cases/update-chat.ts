import { mergePost, parsePostedForest } from "../../chat-tree/index.ts";
import type { ChatForm, PostedChat } from "../../contract/chat.ts";
import type { Writing } from "../../db/database.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import type { Sender } from "../auth/sender.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { assertRoomForMessages, findOwnChat } from "./chat-access.ts";
import { encodeChatRecord, encodedMessage } from "./chat-document.ts";
import {
  answersOf,
  bodyJsonOf,
  messagesForPages,
  newMessageRow,
  nextPosition,
  storedForestOf,
  withOrigin,
} from "./chat-rows.ts";
import { chatBodyOf } from "./create-chat.ts";
import { storedTags } from "./tags.ts";

/** What a post may say of the messages; without any of these it leaves them alone. */
const holdsMessages = (posted: PostedChat) =>
  Boolean(posted.messages || posted.history || posted.currentId || posted.current_id);

/**
 * Tutorial step 3 and every later save: merges a post into the chat by the table in `docs/contract.md`; resolves with the
 * record as JSON. @throws OffstageError `not_found`, `bad_input`
 */
export async function updateChat(
  context: Context,
  user: User,
  chatId: string,
  form: ChatForm,
  sender: Sender,
): Promise<Buffer> {
  const posted = form.chat;
  const outcome = await context.store.write(async (tx) => {
    const [chat, rows] = await Promise.all([
      findOwnChat(context.store, tx, user.id, chatId),
      context.store.messages.listMessages(tx, chatId),
    ]);
    const changed = withPostedFields(chat, posted);
    changed.updated_at_sec = nowSec(context.clock);
    if (!holdsMessages(posted)) {
      const written = context.store.chats.replaceChat(tx, changed);
      tx.endHere();
      await written;
      return { chat: changed, rows, told: {}, placeholders: [] };
    }
    return await mergeMessages(context, tx, changed, { rows, posted, sender });
  });
  context.journals.noteSave(chatId, "chat_saved", sender, outcome.placeholders);
  tellChange(context, user.id, posted, outcome);
  return encodeChatRecord(outcome.chat, outcome.rows.map(encodedMessage));
}

/** The chat with a post's other fields: given keys replace, absent ones stay; a generated title or tag is never undone. */
function withPostedFields(chat: ChatTable, posted: PostedChat): ChatTable {
  const body = { ...(JSON.parse(chat.body_json) as Record<string, unknown>), ...chatBodyOf(posted) };
  const changed = { ...chat, body_json: JSON.stringify(body) };
  if (posted.title && posted.title !== chat.posted_title) {
    changed.title = posted.title;
    changed.posted_title = posted.title;
  }
  if (posted.tags && posted.tags.length > 0) changed.tags_json = JSON.stringify(storedTags(posted.tags));
  return changed;
}

/** Applies a post's messages, and writes the chat with them; resolves with the chat and all its rows as they are now. */
async function mergeMessages(
  context: Context,
  tx: Writing,
  chat: ChatTable,
  { rows, posted, sender }: { rows: readonly MessageTable[]; posted: PostedChat; sender: Sender },
): Promise<{
  chat: ChatTable;
  rows: MessageTable[];
  told: Record<string, unknown>;
  placeholders: string[];
}> {
  const { messages: store } = context.store;
  const post = parsePostedForest(posted, { newId: context.newId });
  const plan = mergePost(storedForestOf(chat, rows), post, { models: modelsOf(chat) });
  const revision = chat.revision + 1;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const touched = new Set<string>();
  const change = (id: string, fields: Partial<MessageTable>) => {
    byId.set(id, { ...byId.get(id)!, ...fields });
    touched.add(id);
  };
  for (const { id, parentId, role, ...rest } of plan.change) {
    change(id, {
      parent_id: parentId,
      role,
      body_json: bodyJsonOf({ id, parentId, role, ...rest }),
      revision,
      in_snapshot: 0,
    });
  }
  let position = nextPosition(rows);
  const inserted = plan.insert.map((message) => withOrigin(message, sender.origin));
  for (const message of inserted) {
    byId.set(message.id, newMessageRow(chat.id, message, { position, revision }));
    position += 1;
  }
  for (const id of plan.remove) byId.delete(id);
  if (inserted.length > 0) assertRoomForMessages(context, byId.size);
  for (const id of plan.seen) {
    if (byId.get(id)?.in_snapshot === 0) change(id, { in_snapshot: 1 });
  }
  if (plan.reordered) {
    let place = 0;
    for (const id of plan.forest.messages.keys()) {
      if (byId.get(id)!.position !== place) change(id, { position: place });
      place += 1;
    }
  }
  for (const { id } of inserted) touched.delete(id);
  const merged = { ...chat, current_message_id: plan.currentId, revision };
  if (plan.remove.length > 0) await store.deleteMessages(tx, chat.id, plan.remove, nowSec(context.clock));
  const written = [
    ...inserted.map(({ id }) => store.insertMessage(tx, byId.get(id)!)),
    ...[...touched].map((id) => store.replaceMessage(tx, byId.get(id)!)),
    context.store.chats.replaceChat(tx, merged),
  ];
  tx.endHere();
  await Promise.all(written);
  const ordered = [...byId.values()].sort((a, b) => a.position - b.position);
  return {
    chat: merged,
    rows: ordered,
    told: context.bus.hasAudience(chat.user_id)
      ? messagesForPages([...inserted, ...plan.change], plan.forest)
      : {},
    placeholders: answersOf(inserted),
  };
}

/** The models of a chat, from its body. */
function modelsOf(chat: ChatTable): string[] {
  return (JSON.parse(chat.body_json) as { models?: string[] }).models ?? [];
}

function tellChange(
  context: Context,
  userId: string,
  posted: PostedChat,
  { chat, told }: { chat: ChatTable; told: Record<string, unknown> },
): void {
  if (Object.keys(told).length > 0) {
    context.bus.publish(userId, {
      type: "messages-changed",
      chatId: chat.id,
      messages: told,
      currentId: chat.current_message_id,
    });
  }
  if (posted.title && posted.title === chat.title) {
    context.bus.publish(userId, { type: "chat-list-changed", chatId: chat.id });
  }
}
