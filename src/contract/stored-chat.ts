import { filledString, isJsonObject } from "./json-shape.ts";
import type { WireMessage } from "./message.ts";

/**
 * A chat as any server keeps it, in the wire's spelling and with all that we do not know. Guaranteed by the decoder:
 * both places of messages exist and `history.currentId` is there, whatever name the server gave it.
 */
export interface StoredChatDocument {
  messages: WireMessage[];
  history: { messages: Record<string, WireMessage>; currentId: string | null; [key: string]: unknown };
  title?: string;
  models?: string[];
  [key: string]: unknown;
}

/** The record around a chat, as `chats/new`, `GET chats/{id}` and `POST chats/{id}` answer it; times in seconds. */
export interface StoredChat {
  id: string;
  title: string;
  chat: StoredChatDocument;
  created_at: number;
  updated_at: number;
  meta: { tags?: string[]; [key: string]: unknown };
  [key: string]: unknown;
}

/**
 * A chat's record from what a server answered, with every key kept; null where it is not one. The two places of
 * messages are made where they are missing, and `currentId` takes the tutorial's `current_id` where it stands alone.
 */
export function decodeStoredChat(body: unknown): StoredChat | null {
  if (!isJsonObject(body) || typeof body.id !== "string" || !isJsonObject(body.chat)) return null;
  const chat = body.chat;
  const history = isJsonObject(chat.history) ? chat.history : {};
  const currentId =
    filledString(history.currentId) ?? filledString(history.current_id) ?? filledString(chat.currentId);
  return {
    ...body,
    id: body.id,
    title: filledString(body.title) ?? filledString(chat.title) ?? "",
    created_at: Number(body.created_at ?? 0),
    updated_at: Number(body.updated_at ?? 0),
    meta: isJsonObject(body.meta) ? body.meta : {},
    chat: {
      ...chat,
      messages: Array.isArray(chat.messages) ? (chat.messages as WireMessage[]) : [],
      history: {
        ...history,
        messages: isJsonObject(history.messages) ? (history.messages as Record<string, WireMessage>) : {},
        currentId,
      },
    },
  };
}
