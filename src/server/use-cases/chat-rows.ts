import type { Forest, ForestMessage, MessageFacts, StoredForest } from "../../chat-tree/index.ts";
import type { Origin } from "../../contract/origin.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";

/** The shape of a chat: links and roles only, nothing parsed. Children stand in the order of their positions. */
export function shapeOf(
  chat: ChatTable,
  rows: readonly Pick<MessageTable, "id" | "parent_id" | "role">[],
): Forest {
  const messages = new Map<string, ForestMessage>();
  for (const row of rows) {
    messages.set(row.id, { id: row.id, parentId: row.parent_id, childrenIds: [], role: row.role });
  }
  for (const message of messages.values()) {
    if (message.parentId !== null) messages.get(message.parentId)?.childrenIds.push(message.id);
  }
  return { messages, currentId: chat.current_message_id };
}

/** The whole of a chat's messages, parsed, with what the merge of a post needs to know of each. */
export function storedForestOf(chat: ChatTable, rows: readonly MessageTable[]): StoredForest {
  const messages = new Map<string, ForestMessage>();
  const facts = new Map<string, MessageFacts>();
  const shape = shapeOf(chat, rows);
  for (const row of rows) {
    messages.set(row.id, { ...JSON.parse(row.body_json), ...shape.messages.get(row.id) });
    facts.set(row.id, {
      revision: row.revision,
      answerState: row.answer_state,
      inSnapshot: row.in_snapshot === 1,
    });
  }
  return { messages, currentId: chat.current_message_id, facts };
}

/** Changed messages as open pages are told them: whole, and of their parents whose children they are. */
export function messagesForPages(
  changed: Iterable<ForestMessage>,
  { messages: all }: Forest,
): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const message of changed) {
    told[message.id] = message;
    const parent = message.parentId === null ? undefined : all.get(message.parentId);
    if (parent) told[parent.id] ??= { id: parent.id, childrenIds: parent.childrenIds };
  }
  return told;
}

/** What a message's row keeps as its body: everything but the links and the stamps that GET adds. */
export function bodyJsonOf(message: ForestMessage): string {
  const { parentId: _parent, childrenIds: _children, revision: _revision, ...body } = message;
  return JSON.stringify(body);
}

/** A new message with who or what asks by it; answers get theirs when they are begun. */
export function withOrigin(message: ForestMessage, origin: Origin | undefined): ForestMessage {
  return origin && message.role === "user" ? { ...message, origin } : message;
}

/** The ids of the answers among new messages. */
export function answersOf(messages: readonly { id: string; role: string }[]): string[] {
  return messages.filter(({ role }) => role === "assistant").map(({ id }) => id);
}

/** A new row for a message that no task has run for. */
export function newMessageRow(
  chatId: string,
  message: ForestMessage,
  place: { position: number; revision: number; inSnapshot?: boolean },
): MessageTable {
  return {
    chat_id: chatId,
    id: message.id,
    position: place.position,
    parent_id: message.parentId,
    role: message.role,
    body_json: bodyJsonOf(message),
    revision: place.revision,
    in_snapshot: place.inSnapshot ? 1 : 0,
    answer_state: "none",
    task_id: null,
    owner: null,
    lease_until_ms: null,
    partial_text: null,
    deleted_at_sec: null,
  };
}

/** The position after all of a chat's messages. */
export function nextPosition(rows: readonly MessageTable[]): number {
  return rows.reduce((highest, row) => Math.max(highest, row.position), -1) + 1;
}
