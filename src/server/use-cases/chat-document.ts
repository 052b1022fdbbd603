import { linearMessages } from "../../chat-tree/index.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import { shapeOf } from "./chat-rows.ts";

/** A message as JSON text: its stored body with its links and its revision behind it. Nothing is parsed. */
function encodeMessage(row: MessageTable, childrenIds: readonly string[]): string {
  const links = `"parentId":${JSON.stringify(row.parent_id)},"childrenIds":${JSON.stringify(childrenIds)}`;
  return `${row.body_json.slice(0, -1)},${links},"revision":${row.revision}}`;
}

/**
 * A chat's record as JSON text: Open WebUI's record (times in seconds) with `success: true`, its `chat` the tutorial's
 * complete Chat DTO. Spliced from stored text, because parsing and printing long chats costs more than all else.
 */
export function encodeChatRecord(chat: ChatTable, rows: readonly MessageTable[]): string {
  const shape = shapeOf(chat, rows);
  const encoded = new Map<string, string>();
  const entries: string[] = [];
  for (const row of rows) {
    const message = encodeMessage(row, shape.messages.get(row.id)!.childrenIds);
    encoded.set(row.id, message);
    entries.push(`${JSON.stringify(row.id)}:${message}`);
  }
  const linear = linearMessages(shape).map(({ id }) => encoded.get(id));
  const id = JSON.stringify(chat.id);
  const title = JSON.stringify(chat.title);
  const current = JSON.stringify(chat.current_message_id);
  const body = chat.body_json === "{}" ? "" : `${chat.body_json.slice(1, -1)},`;
  const meta = JSON.parse(chat.meta_json) as Record<string, unknown>;
  const tags = JSON.parse(chat.tags_json) as { id: string }[];
  if (tags.length > 0) meta.tags = tags.map((tag) => tag.id);
  return (
    `{"success":true,"id":${id},"user_id":${JSON.stringify(chat.user_id)},"title":${title},` +
    `"chat":{${body}"id":${id},"title":${title},"tags":${chat.tags_json},"messages":[${linear.join(",")}],` +
    `"history":{"messages":{${entries.join(",")}},"currentId":${current},"current_id":${current}},"currentId":${current}},` +
    `"updated_at":${chat.updated_at_sec},"created_at":${chat.created_at_sec},"share_id":${JSON.stringify(chat.share_id)},` +
    `"archived":${chat.archived === 1},"pinned":${chat.pinned === 1},"meta":${JSON.stringify(meta)},` +
    `"folder_id":${JSON.stringify(chat.folder_id)}}`
  );
}
