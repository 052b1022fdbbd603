import { isTemporaryChat } from "../../contract/ids.ts";
import type { Queries } from "../../db/database.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { storedTags } from "./tags.ts";

/** Which answer something is kept for. */
export interface AnswerReference {
  userId: string;
  chatId: string;
  messageId: string;
}

/** Changes a chat in one transaction; resolves with whether it is still there. */
async function changeChat(
  context: Context,
  chatId: string,
  change: (chat: ChatTable, tx: Queries) => ChatTable | Promise<ChatTable>,
): Promise<boolean> {
  return context.store.write(async (tx) => {
    const chat = await context.store.chats.findChat(tx, chatId);
    if (!chat) return false;
    const written = context.store.chats.replaceChat(tx, await change(chat, tx));
    tx.endHere();
    await written;
    return true;
  });
}

/** Changes the body of one message; resolves with whether there is one. Of a temporary chat all is told and nothing kept. */
async function changeBody(
  context: Context,
  { chatId, messageId }: AnswerReference,
  change: (body: Record<string, unknown>) => void,
): Promise<boolean> {
  if (isTemporaryChat(chatId)) return true;
  let isThere = false;
  await changeChat(context, chatId, async (chat, tx) => {
    const message: MessageTable | undefined = await context.store.messages.findMessage(tx, chatId, messageId);
    if (!message) return chat;
    isThere = true;
    const body = JSON.parse(message.body_json) as Record<string, unknown>;
    change(body);
    const revision = chat.revision + 1;
    await context.store.messages.replaceMessage(tx, {
      ...message,
      body_json: JSON.stringify(body),
      revision,
    });
    return { ...chat, revision };
  });
  return isThere;
}

/** Keeps a generated title, in the record and so in the chat, and tells it. */
export async function keepTitle(context: Context, about: AnswerReference, title: string): Promise<void> {
  const { chatId, messageId } = about;
  const isThere = await context.store.write(async (tx) => {
    const written = context.store.chats.retitleChat(tx, chatId, title);
    tx.endHere();
    return await written;
  });
  if (!isThere) return;
  context.bus.publish(about.userId, { type: "title-made", chatId, messageId, title });
}

/** Keeps generated tags beside those that the chat has, and tells all of them. */
export async function keepTags(context: Context, about: AnswerReference, names: string[]): Promise<void> {
  let tags: string[] = [];
  const isThere = await changeChat(context, about.chatId, (chat) => {
    const all = storedTags([...JSON.parse(chat.tags_json), ...names]);
    tags = all.map((tag) => tag.name);
    return { ...chat, tags_json: JSON.stringify(all) };
  });
  if (!isThere) return;
  const { chatId, messageId } = about;
  context.bus.publish(about.userId, { type: "tags-made", chatId, messageId, tags });
}

/** Keeps follow-up questions on the answer, and tells them. */
export async function keepFollowUps(
  context: Context,
  about: AnswerReference,
  followUps: string[],
): Promise<void> {
  const isThere = await changeBody(context, about, (body) => {
    body.followUps = followUps;
  });
  if (!isThere) return;
  const { chatId, messageId } = about;
  context.bus.publish(about.userId, { type: "follow-ups-made", chatId, messageId, followUps });
}

/** Adds to an answer's status history, and tells it. */
export async function addStatus(
  context: Context,
  about: AnswerReference,
  status: Record<string, unknown>,
): Promise<void> {
  const isThere = await changeBody(context, about, (body) => {
    body.statusHistory = [...((body.statusHistory as unknown[] | undefined) ?? []), status];
  });
  if (!isThere) return;
  const { chatId, messageId } = about;
  context.bus.publish(about.userId, { type: "answer-status", chatId, messageId, status });
}
