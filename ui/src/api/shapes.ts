import type { Origin } from "../../../src/contract/origin.ts";

/*
 * What the server's answers hold of what these pages show, in the wire's own names. Times are seconds unless they say
 * otherwise. The server's `/openapi.json` has the whole of it.
 */

export interface SessionUser {
  id: string;
  email: string;
  name: string;
  role: "admin" | "user" | "pending";
  profile_image_url: string;
}

export interface PageConfig {
  name: string;
  version: string;
  onboarding?: boolean;
  features: Record<string, boolean>;
  file: { max_size: number | null };
}

export interface ChatRow {
  id: string;
  title: string;
  updated_at: number;
  created_at: number;
  last_read_at?: number | null;
  active?: boolean;
}

export interface WireMessage {
  id: string;
  role: string;
  content?: unknown;
  parentId?: string | null;
  childrenIds?: string[];
  timestamp?: number;
  models?: string[];
  model?: string;
  modelName?: string;
  modelIdx?: number;
  done?: boolean;
  error?: unknown;
  output?: unknown;
  sources?: WireSource[];
  statusHistory?: { description?: string; action?: string; done?: boolean; hidden?: boolean }[];
  followUps?: string[];
  usage?: Record<string, unknown> | null;
  files?: WireFile[];
  origin?: WireOrigin;
}

/** Who or what started a turn. */
export type WireOrigin = Origin;

export interface WireFile {
  type?: string;
  id?: string;
  name?: string;
  url?: string;
  status?: string;
  size?: number;
}

export interface WireSource {
  source?: { id?: string; name?: string; url?: string };
  document?: string[];
  metadata?: ({ name?: string; source?: string; page?: number; headings?: string[] } | null)[];
  distances?: number[];
}

export interface ChatRecord {
  id: string;
  title: string;
  created_at: number;
  updated_at: number;
  archived: boolean;
  pinned: boolean;
  folder_id: string | null;
  share_id: string | null;
  chat: {
    models: string[];
    params: Record<string, unknown>;
    files: WireFile[];
    tags: { id: string; name: string; color?: string }[];
    history: { messages: Record<string, WireMessage>; currentId: string | null };
  };
}

export interface ModelRow {
  id: string;
  name: string;
  owned_by: string;
  /** True for a workspace model. */
  preset?: boolean;
  info?: { meta?: { description?: string | null; hidden?: boolean } };
}

export interface Folder {
  id: string;
  name: string;
  parent_id: string | null;
  is_expanded: boolean;
}

export interface CompletionAck {
  status: true;
  task_ids: string[];
  chat_id: string;
}
