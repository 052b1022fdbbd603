import type { Queries } from "../../db/database.ts";
import type { ChatTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import type { Store } from "../store/store.ts";

/** What an unknown chat and somebody else's answer alike: 401 on the chat routes, as Open WebUI's clients expect. */
export function chatNotFound(chatId: string, httpStatus = 401): OffstageError {
  return new OffstageError(
    "not_found",
    `Could not find the chat "${chatId}": it does not exist, was deleted, or belongs to somebody else.`,
    { httpStatus },
  );
}

/** The user's own chat. @throws OffstageError `not_found` with the given status */
export async function findOwnChat(
  store: Store,
  queries: Queries,
  userId: string,
  chatId: string,
  httpStatus?: number,
): Promise<ChatTable> {
  const chat = await store.chats.findChat(queries, chatId);
  if (!chat || chat.user_id !== userId) throw chatNotFound(chatId, httpStatus);
  return chat;
}

/** Refuses a chat that is not the user's. @throws OffstageError `not_found` as 401 */
export async function assertOwnChat({ store }: Context, user: User, chatId: string): Promise<void> {
  await findOwnChat(store, store.read, user.id, chatId);
}
