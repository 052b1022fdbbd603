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

/** Refuses a further chat of a user who has as many as they may. @throws OffstageError `too_large` */
export async function assertRoomForChat(
  { store, config }: Context,
  tx: Queries,
  userId: string,
): Promise<void> {
  const { maxChatsPerUser } = config.limits;
  if (maxChatsPerUser === Number.POSITIVE_INFINITY) return;
  if ((await store.chats.countChats(tx, userId)) < maxChatsPerUser) return;
  throw new OffstageError(
    "too_large",
    `You have ${maxChatsPerUser} chats, the most there may be: delete some.`,
  );
}

/** Refuses what would make a chat longer than it may be. @throws OffstageError `too_large` */
export function assertRoomForMessages({ config }: Pick<Context, "config">, count: number): void {
  const { maxMessagesPerChat } = config.limits;
  if (count <= maxMessagesPerChat) return;
  throw new OffstageError(
    "too_large",
    `The chat would have ${count} messages; the most is ${maxMessagesPerChat}: begin another one.`,
  );
}

/** Refuses a chat that is not the user's. @throws OffstageError `not_found` as 401 */
export async function assertOwnChat({ store }: Context, user: User, chatId: string): Promise<void> {
  await findOwnChat(store, store.read, user.id, chatId);
}
