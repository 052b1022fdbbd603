import type { JournalLineTable, JournalTable } from "./journal-tables.ts";
import type { GroupTable, ModelTable } from "./model-tables.ts";
import type {
  ApiKeyTable,
  ChatTable,
  ContentTable,
  FileTable,
  FolderTable,
  KnowledgeTable,
  MemoryTable,
  MessageTable,
  PromptTable,
  PromptVersionTable,
  UserTable,
} from "./schema.ts";

/** The columns of the tables that are written as whole rows; the compiler checks that none is missing. */
export const userColumns: Record<keyof UserTable, true> = {
  id: true,
  email: true,
  name: true,
  role: true,
  password_hash: true,
  token_generation: true,
  settings_json: true,
  created_at_sec: true,
  updated_at_sec: true,
  last_active_at_sec: true,
};

export const apiKeyColumns: Record<keyof ApiKeyTable, true> = {
  key_hash: true,
  id: true,
  user_id: true,
  name: true,
  prefix: true,
  is_main: true,
  created_at_sec: true,
  last_used_at_sec: true,
};

export const journalColumns: Record<keyof JournalTable, true> = {
  chat_id: true,
  message_id: true,
  task_id: true,
  began_at_ms: true,
  journal_json: true,
};

export const journalLineColumns: Record<keyof JournalLineTable, true> = {
  chat_id: true,
  message_id: true,
  task_id: true,
  at_ms: true,
  line_json: true,
};

export const chatColumns: Record<keyof ChatTable, true> = {
  id: true,
  user_id: true,
  title: true,
  posted_title: true,
  body_json: true,
  tags_json: true,
  current_message_id: true,
  revision: true,
  archived: true,
  pinned: true,
  folder_id: true,
  share_id: true,
  meta_json: true,
  created_at_sec: true,
  updated_at_sec: true,
  last_read_at_sec: true,
};

export const folderColumns: Record<keyof FolderTable, true> = {
  id: true,
  user_id: true,
  parent_id: true,
  name: true,
  is_expanded: true,
  created_at_sec: true,
  updated_at_sec: true,
  meta_json: true,
  data_json: true,
};

export const messageColumns: Record<keyof MessageTable, true> = {
  chat_id: true,
  id: true,
  position: true,
  parent_id: true,
  role: true,
  body_json: true,
  revision: true,
  in_snapshot: true,
  answer_state: true,
  task_id: true,
  owner: true,
  lease_until_ms: true,
  partial_text: true,
  deleted_at_sec: true,
};

export const contentColumns: Record<keyof ContentTable, true> = {
  id: true,
  hash: true,
  name: true,
  content_type: true,
  size_bytes: true,
  status: true,
  error: true,
  page_count: true,
  chunk_count: true,
  embedder: true,
  created_at_sec: true,
  processed_at_sec: true,
  text: true,
};

export const fileColumns: Record<keyof FileTable, true> = {
  id: true,
  user_id: true,
  content_id: true,
  name: true,
  content_type: true,
  created_at_sec: true,
  updated_at_sec: true,
  meta_json: true,
};

export const knowledgeColumns: Record<keyof KnowledgeTable, true> = {
  id: true,
  user_id: true,
  name: true,
  description: true,
  created_at_sec: true,
  updated_at_sec: true,
  access_json: true,
  meta_json: true,
};

export const memoryColumns: Record<keyof MemoryTable, true> = {
  id: true,
  user_id: true,
  type: true,
  content: true,
  created_at_sec: true,
  updated_at_sec: true,
  embedder: true,
  vector: true,
};

export const promptColumns: Record<keyof PromptTable, true> = {
  id: true,
  user_id: true,
  command: true,
  name: true,
  content: true,
  is_active: true,
  version_id: true,
  created_at_sec: true,
  updated_at_sec: true,
  tags_json: true,
  data_json: true,
  meta_json: true,
  access_json: true,
};

export const promptVersionColumns: Record<keyof PromptVersionTable, true> = {
  id: true,
  prompt_id: true,
  parent_id: true,
  user_id: true,
  commit_message: true,
  created_at_sec: true,
  snapshot_json: true,
};

export const modelColumns: Record<keyof ModelTable, true> = {
  id: true,
  user_id: true,
  base_model_id: true,
  name: true,
  is_active: true,
  created_at_sec: true,
  updated_at_sec: true,
  access_json: true,
  params_json: true,
  meta_json: true,
};

export const groupColumns: Record<keyof GroupTable, true> = {
  id: true,
  user_id: true,
  name: true,
  description: true,
  created_at_sec: true,
  updated_at_sec: true,
  permissions_json: true,
  data_json: true,
};
