import { linearMessages } from "../chat-tree/index.ts";
import { answerText } from "../contract/answer-decoding.ts";
import type { ChatDto, Tag } from "../contract/chat.ts";
import { isJsonObject, stringItems } from "../contract/json-shape.ts";
import type { StoredChat } from "../contract/stored-chat.ts";
import { storedForest, wireHistory, wireMessages } from "./place-turn.ts";

/** Times below this many are seconds: as milliseconds they would lie before March 1973. */
const FIRST_MILLISECONDS = 100_000_000_000;

/**
 * A stored chat as the tutorial's complete Chat DTO: times in milliseconds, every answer's text in `content` wherever the
 * server keeps it, `messages` the branch to the current message and the other answers to its question.
 */
export function chatDto(record: StoredChat): ChatDto {
  const forest = storedForest(record.chat);
  const messages = new Map(
    [...forest.messages].map(([id, message]) => [
      id,
      {
        ...message,
        ...(message.role === "assistant" && { content: answerText(message) }),
        ...(typeof message.timestamp === "number" && { timestamp: milliseconds(message.timestamp) }),
      },
    ]),
  );
  const { chat } = record;
  const timestamp = typeof chat.timestamp === "number" ? chat.timestamp : record.created_at;
  return {
    ...chat,
    id: record.id,
    title: record.title,
    models: chat.models ?? [],
    files: Array.isArray(chat.files) ? chat.files : [],
    tags: chatTags(record),
    params: isJsonObject(chat.params) ? chat.params : {},
    timestamp: milliseconds(timestamp),
    messages: wireMessages(linearMessages({ messages, currentId: forest.currentId })),
    history: wireHistory(messages.values(), forest.currentId),
    currentId: forest.currentId,
  };
}

/** Tags as the tutorial has them, where the server does; else made of the names that it keeps with the record. */
export function chatTags({ chat, meta }: StoredChat): Tag[] {
  const tags = Array.isArray(chat.tags) ? chat.tags.filter(isTag) : [];
  return tags.length > 0 ? tags : stringItems(meta?.tags).map((id) => ({ id, name: id }));
}

function isTag(value: unknown): value is Tag {
  return isJsonObject(value) && typeof value.id === "string" && typeof value.name === "string";
}

function milliseconds(time: number): number {
  return time < FIRST_MILLISECONDS ? Math.round(time * 1000) : time;
}
