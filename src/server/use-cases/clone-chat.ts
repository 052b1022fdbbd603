import { branch } from "../../chat-tree/index.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { assertRoomForChat, findOwnChat } from "./chat-access.ts";
import { encodeChatRecord, encodedMessage } from "./chat-document.ts";
import { shapeOf } from "./chat-rows.ts";

/** Copies a chat with all its messages; resolves with the copy's record as JSON. @throws OffstageError `not_found` as 401 */
export function cloneChat(
  context: Context,
  user: User,
  chatId: string,
  title: string | undefined,
): Promise<Buffer> {
  return copyChat(context, user, chatId, (chat, rows) => ({
    title: title ?? `Clone of ${chat.title}`,
    currentId: chat.current_message_id,
    rows,
  }));
}

/** Copies a chat's branch down to a message, by default the current one; the copy goes on from there. */
export function forkChat(
  context: Context,
  user: User,
  chatId: string,
  messageId: string | undefined,
): Promise<Buffer> {
  return copyChat(context, user, chatId, (chat, rows) => {
    const id = messageId ?? chat.current_message_id;
    const forest = shapeOf(chat, rows);
    if (id === null || !forest.messages.has(id)) {
      throw new OffstageError("not_found", `The chat has no message "${id}" to fork at.`);
    }
    const kept = new Set(branch(forest, id).map((message) => message.id));
    return {
      title: `${chat.title} (fork)`,
      currentId: id,
      rows: rows.filter((row) => kept.has(row.id)),
    };
  });
}

async function copyChat(
  context: Context,
  user: User,
  chatId: string,
  choose: (
    chat: ChatTable,
    rows: readonly MessageTable[],
  ) => { title: string; currentId: string | null; rows: readonly MessageTable[] },
): Promise<Buffer> {
  const { store, bus } = context;
  const copied = await store.write(async (tx) => {
    const original = await findOwnChat(store, tx, user.id, chatId);
    const chosen = choose(original, await store.messages.listMessages(tx, chatId));
    const chat = copyOf(context, original, chosen);
    const rows = chosen.rows.map((row) => atRest(row, chat.id));
    await assertRoomForChat(context, tx, user.id);
    await store.chats.insertChat(tx, chat);
    for (const row of rows) await store.messages.insertMessage(tx, row);
    return { chat, rows };
  });
  bus.publish(user.id, { type: "chat-list-changed", chatId: copied.chat.id });
  return encodeChatRecord(copied.chat, copied.rows.map(encodedMessage));
}

function copyOf(
  context: Context,
  original: ChatTable,
  { title, currentId }: { title: string; currentId: string | null },
): ChatTable {
  const now = nowSec(context.clock);
  const origin = { originalChatId: original.id, branchPointMessageId: currentId };
  return {
    ...original,
    id: context.newId(),
    title,
    posted_title: title,
    current_message_id: currentId,
    body_json: JSON.stringify({ ...(JSON.parse(original.body_json) as object), ...origin }),
    pinned: 0,
    archived: 0,
    share_id: null,
    created_at_sec: now,
    updated_at_sec: now,
    last_read_at_sec: now,
  };
}

/** A message's row in another chat, where nobody answers it: what had come of a running answer is its text. */
function atRest(row: MessageTable, chatId: string): MessageTable {
  const rest = {
    ...row,
    chat_id: chatId,
    task_id: null,
    owner: null,
    lease_until_ms: null,
    partial_text: null,
  };
  if (row.answer_state !== "running") return rest;
  const body = JSON.parse(row.body_json) as object;
  const content = row.partial_text ?? "";
  return { ...rest, answer_state: "final", body_json: JSON.stringify({ ...body, content, done: true }) };
}
