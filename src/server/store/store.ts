import type { Queries } from "../../db/database.ts";
import type { ChatTable, MessageTable, UserTable } from "../../db/schema.ts";

/** Everything that the server keeps. Every verb takes the queries it runs on: a transaction, or `store.read`. */
export interface Store {
  /** Reads of committed data. */
  readonly read: Queries;
  /** One transaction; resolves once it is on the disk. Await nothing in it but verbs given its `tx`. */
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  readonly users: UserStore;
  readonly chats: ChatStore;
  readonly messages: MessageStore;
  readonly settings: SettingStore;
  close(): Promise<void>;
}

export interface UserStore {
  insertUser(tx: Queries, user: UserTable): Promise<void>;
  /** Changes only what is named. */
  changeUser(tx: Queries, id: string, change: Partial<Omit<UserTable, "id">>): Promise<void>;
  deleteUser(tx: Queries, id: string): Promise<void>;
  findUser(tx: Queries, id: string): Promise<UserTable | undefined>;
  findUserByEmail(tx: Queries, email: string): Promise<UserTable | undefined>;
  listUsers(tx: Queries): Promise<UserTable[]>;
  countUsers(tx: Queries): Promise<number>;
  /** A user has one API key; a new one replaces it. */
  replaceApiKey(tx: Queries, key: { keyHash: string; userId: string; createdAtSec: number }): Promise<void>;
  deleteApiKeys(tx: Queries, userId: string): Promise<number>;
  findUserByApiKey(tx: Queries, keyHash: string): Promise<UserTable | undefined>;
  hasApiKey(tx: Queries, userId: string): Promise<boolean>;
  revokeToken(tx: Queries, id: string, expiresAtSec: number): Promise<void>;
  isTokenRevoked(tx: Queries, id: string): Promise<boolean>;
  /** Forgets revocations of tokens that have run out by themselves. */
  forgetExpiredRevocations(tx: Queries, nowSec: number): Promise<void>;
}

export interface SettingStore {
  findSetting(tx: Queries, name: string): Promise<unknown>;
  putSetting(tx: Queries, name: string, value: unknown): Promise<void>;
}

export type ChatSummary = Pick<ChatTable, "id" | "title" | "updated_at_sec" | "created_at_sec">;

export interface ChatStore {
  insertChat(tx: Queries, chat: ChatTable): Promise<void>;
  findChat(tx: Queries, id: string): Promise<ChatTable | undefined>;
  /** Writes all columns of a chat that was read in the same transaction. */
  replaceChat(tx: Queries, chat: ChatTable): Promise<void>;
  /** Deletes the chat and its messages for good. Resolves with whether it was there. */
  deleteChat(tx: Queries, id: string): Promise<boolean>;
  deleteChatsOfUser(tx: Queries, userId: string): Promise<number>;
  /** Newest update first; neither archived nor pinned ones unless asked for. */
  listChats(
    tx: Queries,
    filter: { userId: string; archived: boolean; pinned: boolean | "any"; limit: number; offset: number },
  ): Promise<ChatSummary[]>;
  /** Chats whose title or a message's text holds `text` (case-insensitive), newest update first. Off the main thread. */
  searchChats(filter: {
    userId: string;
    text: string;
    limit: number;
    offset: number;
  }): Promise<ChatSummary[]>;
  /** Every tag of a user's chats, each once, by name. */
  listTags(tx: Queries, userId: string): Promise<{ id: string; name: string; color: string }[]>;
}

/** A message with its body as UTF-8 bytes, to be sent on without being decoded. */
export type EncodedMessage = Pick<MessageTable, "id" | "parent_id" | "role" | "revision"> & {
  body: Uint8Array;
};

export interface MessageStore {
  /** A deleted message with this id is replaced. @throws OffstageError `conflict` where one is there */
  insertMessage(tx: Queries, message: MessageTable): Promise<void>;
  /** Finds deleted ones too. */
  findMessage(tx: Queries, chatId: string, id: string): Promise<MessageTable | undefined>;
  /** Messages of a chat by position, without the deleted ones. */
  listMessages(tx: Queries, chatId: string): Promise<MessageTable[]>;
  /** The same, with only what a chat's record is made of, and bodies as they are stored. */
  listEncodedMessages(tx: Queries, chatId: string): Promise<EncodedMessage[]>;
  /** Writes all columns of a message that was read in the same transaction. */
  replaceMessage(tx: Queries, message: MessageTable): Promise<void>;
  deleteMessages(tx: Queries, chatId: string, ids: readonly string[], deletedAtSec: number): Promise<void>;
  /** Keeps the growing text of a running answer that `owner` holds, and prolongs its lease. */
  keepPartial(
    tx: Queries,
    running: { chatId: string; id: string; owner: string; text: string; leaseUntilMs: number },
  ): Promise<void>;
  /** Running answers whose lease is `owner`'s own, or ran out before `nowMs`. For recovery at start. */
  listAbandoned(tx: Queries, filter: { nowMs: number; owner: string }): Promise<MessageTable[]>;
}
