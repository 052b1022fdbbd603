import type { Generated } from "kysely";
import type { JournalTables } from "./journal-tables.ts";
import type { ModelTables } from "./model-tables.ts";
import type { BlobPartTable, BlobTable, ContentClaimTable } from "./node-tables.ts";
import type { DayUsageTable, QuotaTable } from "./quota-tables.ts";

/**
 * The tables as Kysely knows them. Times are whole seconds (`_sec`) or milliseconds (`_ms`) since 1970; flags are 0 and
 * 1; `_json` columns hold JSON text, which is kept as it is and never reordered.
 */
export interface Schema extends ModelTables, JournalTables {
  user: UserTable;
  api_key: ApiKeyTable;
  revoked_token: RevokedTokenTable;
  setting: SettingTable;
  chat: ChatTable;
  message: MessageTable;
  folder: FolderTable;
  shared_chat: SharedChatTable;
  content: ContentTable;
  content_claim: ContentClaimTable;
  blob: BlobTable;
  blob_part: BlobPartTable;
  file: FileTable;
  knowledge: KnowledgeTable;
  knowledge_file: KnowledgeFileTable;
  chunk: ChunkTable;
  chunk_vector: ChunkVectorTable;
  chunk_words: ChunkWordsTable;
  memory: MemoryTable;
  prompt: PromptTable;
  prompt_version: PromptVersionTable;
  quota: QuotaTable;
  day_usage: DayUsageTable;
}

export interface UserTable {
  id: string;
  email: string;
  name: string;
  role: "admin" | "user" | "pending";
  /** `scrypt$…`, or null for the local owner that nobody has claimed yet: such a user cannot sign in. */
  password_hash: string | null;
  /** Tokens that carry another number are void: raised by a password change. */
  token_generation: number;
  settings_json: string;
  created_at_sec: number;
  updated_at_sec: number;
  last_active_at_sec: number;
}

export interface ApiKeyTable {
  /** SHA-256 of the key, hex. The key itself is shown once and never kept. */
  key_hash: string;
  /** What lists, deletions and origins call it; nothing can be done with it. */
  id: string;
  user_id: string;
  name: string;
  /** The key's first characters, by which people tell keys apart; null where they were not kept. */
  prefix: string | null;
  /** 1 for the one that Open WebUI's own routes make, show and delete. */
  is_main: number;
  created_at_sec: number;
  /** To a minute or so; null before its first use. */
  last_used_at_sec: number | null;
}

export interface RevokedTokenTable {
  /** The `jti` of a signed-out token. */
  id: string;
  expires_at_sec: number;
}

export interface SettingTable {
  name: string;
  value_json: string;
}

export interface ChatTable {
  id: string;
  user_id: string;
  title: string;
  /** The title that a client posted last: posting it again never undoes a generated one. */
  posted_title: string | null;
  /** The chat as posted, less `id`, `title`, `tags`, `messages`, `history`, `currentId` and `current_id`. */
  body_json: string;
  /** `[{id, name, color}]`. */
  tags_json: string;
  current_message_id: string | null;
  /** Raised by each change of the chat's messages; a message carries the number of its last change. */
  revision: number;
  archived: number;
  pinned: number;
  folder_id: string | null;
  share_id: string | null;
  meta_json: string;
  created_at_sec: number;
  updated_at_sec: number;
  /** When its owner last had it open; null where that is not known. */
  last_read_at_sec: number | null;
}

/** A folder of a user's chats; they and the folders in it name it. */
export interface FolderTable {
  id: string;
  user_id: string;
  parent_id: string | null;
  name: string;
  is_expanded: number;
  created_at_sec: number;
  updated_at_sec: number;
  meta_json: string;
  data_json: string;
}

/** A chat as it was when its owner shared it: who has the id may read this copy, and nothing else of the chat. */
export interface SharedChatTable {
  /** The copy's own id, which is the chat's `share_id`. */
  id: string;
  chat_id: string;
  shared_at_sec: number;
  record_json: string;
}

/**
 * What is known of a message's answer. `none`: no task ever ran for it. `running`: `owner` answers it until its lease
 * runs out. `final`: it ended, well or not.
 */
export type AnswerState = "none" | "running" | "final";

/** A message. `(chat_id, id)` is the key: literal ids repeat across chats. */
export interface MessageTable {
  chat_id: string;
  id: string;
  /** Order among the chat's messages, and so among siblings. */
  position: number;
  parent_id: string | null;
  role: string;
  /** The message as on the wire, less `parentId`, `childrenIds` and `revision`. */
  body_json: string;
  revision: number;
  /** 1 once a client that posts snapshots is known to have the message. */
  in_snapshot: number;
  answer_state: AnswerState;
  task_id: string | null;
  /** The process that answers it. */
  owner: string | null;
  lease_until_ms: number | null;
  /** The growing answer; only recovery and snapshots read it. */
  partial_text: string | null;
  /** Set instead of deleting; such a message is in no answer and can be brought back. */
  deleted_at_sec: number | null;
}

/**
 * How far a content is. `processing`: waits for its turn, or is being read, cut into chunks and embedded. `processed`: all
 * its chunks can be searched. `error`: it never will be; `error` says why.
 */
export type ContentStatus = "processing" | "processed" | "error";

/** What files hold: one row for the same bytes under the same kind of name, however often they were uploaded. */
export interface ContentTable {
  /** `<hash>` or `<hash>.<extension>`: the extension decides how the bytes are read. */
  id: string;
  /** SHA-256 of the bytes, hex; also their name in the folder of blobs. */
  hash: string;
  /** The name of the first upload. */
  name: string;
  content_type: string | null;
  size_bytes: number;
  status: ContentStatus;
  error: string | null;
  page_count: number | null;
  /** Null until the text is cut; then all chunks are stored. */
  chunk_count: number | null;
  /** The embedder whose vectors all its chunks have; null before. */
  embedder: string | null;
  created_at_sec: number;
  processed_at_sec: number | null;
  /** The text that was read, which chunks count their offsets in; null until it is cut. */
  text: string | null;
}

/** A file of a user. */
export interface FileTable {
  id: string;
  user_id: string;
  content_id: string;
  name: string;
  content_type: string | null;
  created_at_sec: number;
  updated_at_sec: number;
  /** What the upload's `metadata` brought. */
  meta_json: string;
}

/** A collection of files. */
export interface KnowledgeTable {
  id: string;
  user_id: string;
  name: string;
  description: string;
  created_at_sec: number;
  updated_at_sec: number;
  /** Who else may read or write it: a list of grants. */
  access_json: string;
  meta_json: string;
}

export interface KnowledgeFileTable {
  knowledge_id: string;
  file_id: string;
  added_at_sec: number;
}

/** A stretch of a content's text that is found as one. */
export interface ChunkTable {
  /** Given by the database. */
  id: Generated<number>;
  content_id: string;
  /** From 0 in the order of the text. */
  position: number;
  /** The page it begins on, from 1; null where there are no pages. */
  page: number | null;
  /** UTF-16 units in the content's text. */
  start_offset: number;
  end_offset: number;
  token_count: number;
  /** The headings above it, outermost first. */
  headings_json: string;
  text: string;
}

/** Where a chunk's meaning lies. A chunk without a row is found by its words. */
export interface ChunkVectorTable {
  chunk_id: number;
  /** Whose vector it is: those of two embedders cannot be compared. */
  embedder: string;
  /** Which of its numbers are positive, one bit each; PostgreSQL keeps them as bits. */
  sketch: Uint8Array;
  /** Of length 1; float32, little-endian. */
  vector: Uint8Array;
}

/** The index of words, in SQLite only. Rows are written and searched; what they hold cannot be read back. */
export interface ChunkWordsTable {
  /** The chunk's id. */
  rowid: number;
  headings: string;
  text: string;
}

/** Something that a user wants models to know. */
export interface MemoryTable {
  id: string;
  user_id: string;
  /** What sort of thing it is, in the words of Open WebUI's pages: `context` unless they say another. */
  type: string;
  content: string;
  created_at_sec: number;
  updated_at_sec: number;
  /** Whose vector it is; null while it has none. */
  embedder: string | null;
  /** Of length 1; float32, little-endian. */
  vector: Uint8Array | null;
}

/** A text that people call up by a command. */
export interface PromptTable {
  id: string;
  user_id: string;
  /** Without a slash in front; one prompt has it. */
  command: string;
  name: string;
  content: string;
  /** 0 while it is kept and not offered. */
  is_active: number;
  /** The version that it is now. */
  version_id: string;
  created_at_sec: number;
  updated_at_sec: number;
  tags_json: string;
  data_json: string;
  meta_json: string;
  /** Who else may read or write it: a list of grants. */
  access_json: string;
}

/** A prompt as it was once. */
export interface PromptVersionTable {
  id: string;
  prompt_id: string;
  parent_id: string | null;
  /** Who made it. */
  user_id: string;
  commit_message: string | null;
  created_at_sec: number;
  snapshot_json: string;
}
