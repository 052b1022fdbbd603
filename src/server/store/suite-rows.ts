import type { ApiKeyTable, ChatTable, ContentTable, MessageTable, UserTable } from "../../db/schema.ts";
import type { Store } from "./store.ts";

/** The user that each test begins with. */
export const user: UserTable = {
  id: "u1",
  email: "ann@example.org",
  name: "Ann",
  role: "user",
  password_hash: null,
  token_generation: 0,
  settings_json: "{}",
  created_at_sec: 100,
  updated_at_sec: 100,
  last_active_at_sec: 100,
};

/** A key of that user. */
export const apiKey: ApiKeyTable = {
  key_hash: "hash",
  id: "k1",
  user_id: "u1",
  name: "CI",
  prefix: "sk-abcdef",
  is_main: 0,
  created_at_sec: 100,
  last_used_at_sec: null,
};

/** A chat of that user. */
export const chat: ChatTable = {
  id: "c1",
  user_id: "u1",
  title: "New Chat",
  posted_title: null,
  body_json: '{"models":["m"]}',
  tags_json: "[]",
  current_message_id: null,
  revision: 0,
  archived: 0,
  pinned: 0,
  folder_id: null,
  share_id: null,
  meta_json: "{}",
  created_at_sec: 100,
  updated_at_sec: 100,
  last_read_at_sec: null,
};

/** A message of that chat. */
export const message: MessageTable = {
  chat_id: "c1",
  id: "m1",
  position: 0,
  parent_id: null,
  role: "user",
  body_json: '{"id":"m1","content":"Hello"}',
  revision: 1,
  in_snapshot: 0,
  answer_state: "none",
  task_id: null,
  owner: null,
  lease_until_ms: null,
  partial_text: null,
  deleted_at_sec: null,
};

/** A content that waits to be read. */
export const content: ContentTable = {
  id: "h1.txt",
  hash: "h1",
  name: "report.txt",
  content_type: "text/plain",
  size_bytes: 12,
  status: "processing",
  error: null,
  page_count: null,
  chunk_count: null,
  embedder: null,
  created_at_sec: 100,
  processed_at_sec: null,
  text: null,
};

/** Inserts `chat` with what is given changed, once for each. */
export const insertChats = (store: Store, ...chats: Partial<ChatTable>[]) =>
  store.write(async (tx) => {
    for (const given of chats) await store.chats.insertChat(tx, { ...chat, ...given });
  });

/** Inserts `message` with what is given changed, once for each. */
export const insertMessages = (store: Store, ...messages: Partial<MessageTable>[]) =>
  store.write(async (tx) => {
    for (const given of messages) await store.messages.insertMessage(tx, { ...message, ...given });
  });

/** The ids alone, in order. */
export const idsOf = (rows: readonly { id: string }[]) => rows.map((row) => row.id);
