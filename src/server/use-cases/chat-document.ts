import { linearMessages } from "../../chat-tree/index.ts";
import type { ChatTable, MessageTable } from "../../db/schema.ts";
import type { EncodedMessage } from "../store/store.ts";
import { shapeOf } from "./chat-rows.ts";

const COMMA = Buffer.from(",");

/** A row as its encoding needs it, where it has just been written and not read. */
export function encodedMessage({ id, parent_id, role, revision, body_json }: MessageTable): EncodedMessage {
  return { id, parent_id, role, revision, body: Buffer.from(body_json) };
}

/**
 * A chat's record as JSON, in UTF-8: Open WebUI's record (times in seconds) with `success: true`, its `chat` the
 * tutorial's complete Chat DTO. Spliced from the stored bytes: parsing and printing long chats, or only decoding and
 * encoding their text, costs more than all else.
 */
export function encodeChatRecord(chat: ChatTable, messages: readonly EncodedMessage[]): Buffer {
  const shape = shapeOf(chat, messages);
  const parts: Uint8Array[] = [];
  const push = (text: string) => void parts.push(Buffer.from(text));
  const encoded = new Map<string, Uint8Array[]>();
  for (const { id, parent_id, revision, body } of messages) {
    const { childrenIds } = shape.messages.get(id)!;
    const links = `"parentId":${JSON.stringify(parent_id)},"childrenIds":${JSON.stringify(childrenIds)}`;
    // The body's closing brace makes way for the links.
    encoded.set(id, [body.subarray(0, -1), Buffer.from(`,${links},"revision":${revision}}`)]);
  }
  const id = JSON.stringify(chat.id);
  const title = JSON.stringify(chat.title);
  const current = JSON.stringify(chat.current_message_id);
  const body = chat.body_json === "{}" ? "" : `${chat.body_json.slice(1, -1)},`;
  push(
    `{"success":true,"id":${id},"user_id":${JSON.stringify(chat.user_id)},"title":${title},` +
      `"chat":{${body}"id":${id},"title":${title},"tags":${chat.tags_json},"messages":[`,
  );
  for (const [index, message] of linearMessages(shape).entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(...encoded.get(message.id)!);
  }
  push(`],"history":{"messages":{`);
  for (const [index, message] of messages.entries()) {
    push(`${index > 0 ? "," : ""}${JSON.stringify(message.id)}:`);
    parts.push(...encoded.get(message.id)!);
  }
  push(
    `},"currentId":${current},"current_id":${current}},"currentId":${current}},` +
      `"updated_at":${chat.updated_at_sec},"created_at":${chat.created_at_sec},"share_id":${JSON.stringify(chat.share_id)},` +
      `"archived":${chat.archived === 1},"pinned":${chat.pinned === 1},"meta":${metaJson(chat)},` +
      `"folder_id":${JSON.stringify(chat.folder_id)}}`,
  );
  return Buffer.concat(parts);
}

/** The record's `meta`, which names the tags by their ids. */
function metaJson({ meta_json, tags_json }: ChatTable): string {
  if (tags_json === "[]") return meta_json;
  const tags = JSON.parse(tags_json) as { id: string }[];
  return JSON.stringify({ ...JSON.parse(meta_json), tags: tags.map((tag) => tag.id) });
}
