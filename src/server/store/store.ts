import type { Queries, Writing } from "../../db/database.ts";
import type {
  ChatTable,
  ContentStatus,
  ContentTable,
  FileTable,
  FolderTable,
  KnowledgeTable,
  MessageTable,
  SharedChatTable,
  UserTable,
} from "../../db/schema.ts";
import type { Chunk } from "../knowledge/document.ts";
import type { BlobStore } from "./blob-store.ts";
import type { ClaimStore } from "./claim-store.ts";
import type { JournalStore } from "./journal-store.ts";
import type { ManagedStores } from "./managed-stores.ts";
import type { MemoryStore, PromptStore } from "./personal-store.ts";
import type { QuotaStore } from "./quota-store.ts";
import type { UsageStore } from "./usage-store.ts";

/** Everything that the server keeps. Every verb takes the queries it runs on: a transaction, or `store.read`. */
export interface Store extends ManagedStores {
  /** Whether other processes may work on the same data. */
  readonly isShared: boolean;
  /** Reads of committed data. */
  readonly read: Queries;
  /** One transaction; resolves once it is on the disk. Await nothing in it but verbs given its `tx`. */
  write<T>(work: (tx: Writing) => Promise<T>): Promise<T>;
  readonly users: UserStore;
  readonly chats: ChatStore;
  readonly messages: MessageStore;
  readonly folders: FolderStore;
  readonly shares: ShareStore;
  readonly settings: SettingStore;
  readonly files: FileStore;
  readonly knowledge: KnowledgeStore;
  readonly contents: ContentStore;
  readonly chunks: ChunkStore;
  readonly journals: JournalStore;
  readonly claims: ClaimStore;
  readonly blobs: BlobStore;
  readonly memories: MemoryStore;
  readonly usage: UsageStore;
  readonly prompts: PromptStore;
  readonly quotas: QuotaStore;
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
  revokeToken(tx: Queries, id: string, expiresAtSec: number): Promise<void>;
  isTokenRevoked(tx: Queries, id: string): Promise<boolean>;
  /** Forgets revocations of tokens that have run out by themselves. */
  forgetExpiredRevocations(tx: Queries, nowSec: number): Promise<void>;
}

export interface SettingStore {
  findSetting(tx: Queries, name: string): Promise<unknown>;
  putSetting(tx: Queries, name: string, value: unknown): Promise<void>;
  /** Puts a setting that is not there yet, and resolves with the one that is there then. */
  keepSetting(tx: Queries, name: string, value: unknown): Promise<unknown>;
  deleteSetting(tx: Queries, name: string): Promise<void>;
}

/** What lists show of a chat. */
export type ChatSummary = Pick<
  ChatTable,
  | "id"
  | "title"
  | "folder_id"
  | "share_id"
  | "archived"
  | "updated_at_sec"
  | "created_at_sec"
  | "last_read_at_sec"
>;

export interface ChatStore {
  insertChat(tx: Queries, chat: ChatTable): Promise<void>;
  findChat(tx: Queries, id: string): Promise<ChatTable | undefined>;
  /** Writes all columns of a chat that was read in the same transaction. */
  replaceChat(tx: Queries, chat: ChatTable): Promise<void>;
  /** Changes the title alone; resolves with whether the chat is there. */
  retitleChat(tx: Queries, id: string, title: string): Promise<boolean>;
  /** Deletes the chat and its messages for good. Resolves with whether it was there. */
  deleteChat(tx: Queries, id: string): Promise<boolean>;
  /** Archived ones too. */
  countChats(tx: Queries, userId: string): Promise<number>;
  deleteChatsOfUser(tx: Queries, userId: string): Promise<number>;
  /**
   * Newest update first; neither archived nor pinned ones unless asked for. With a `folderId` all of that folder, with
   * null none of any.
   */
  listChats(
    tx: Queries,
    filter: {
      userId: string;
      archived: boolean;
      pinned: boolean | "any";
      folderId?: string | null;
      limit: number;
      offset: number;
    },
  ): Promise<ChatSummary[]>;
  /** Moves all of a folder's chats to another one, or out. */
  moveChats(tx: Queries, move: { userId: string; from: string; to: string | null }): Promise<number>;
  /** Archives all of a user's chats, or takes them out of the archive; resolves with how many changed. */
  archiveChats(tx: Queries, userId: string, archived: boolean): Promise<number>;
  /** All of a user's chats count as read. */
  readChats(tx: Queries, userId: string, nowSec: number): Promise<number>;
  /** A chat counts as read until then; 0 for unread. */
  readChat(tx: Queries, id: string, readAtSec: number): Promise<void>;
  /** Chats whose title or a message's text holds `text` (case-insensitive), newest update first. Off the main thread. */
  searchChats(filter: {
    userId: string;
    text: string;
    limit: number;
    offset: number;
  }): Promise<ChatSummary[]>;
  /** The first text in each of the chats that holds `text`, by the chats' ids; those without one are left out. Off the main thread. */
  findPassages(filter: { chatIds: readonly string[]; text: string }): Promise<Map<string, string>>;
  /** The tags of a user's chats by the chats' ids; those that have none are left out. */
  listTagsOfChats(
    tx: Queries,
    userId: string,
  ): Promise<Map<string, { id: string; name: string; color: string }[]>>;
  /** Every tag of a user's chats, each once, by name. */
  listTags(tx: Queries, userId: string): Promise<{ id: string; name: string; color: string }[]>;
}

/** The folders of all users. */
export interface FolderStore {
  insertFolder(tx: Queries, folder: FolderTable): Promise<void>;
  findFolder(tx: Queries, id: string): Promise<FolderTable | undefined>;
  /** By name. */
  listFolders(tx: Queries, userId: string): Promise<FolderTable[]>;
  /** Writes all columns of a folder that was read in the same transaction. */
  replaceFolder(tx: Queries, folder: FolderTable): Promise<void>;
  /** Deletes it with the folders in it; chats keep what they name. Resolves with whether it was there. */
  deleteFolder(tx: Queries, id: string): Promise<boolean>;
}

/** Copies of chats that their owners have shared. */
export interface ShareStore {
  /** A chat has one copy: a new one replaces it under its id. */
  putShare(tx: Queries, share: SharedChatTable): Promise<void>;
  findShare(tx: Queries, id: string): Promise<SharedChatTable | undefined>;
  deleteShareOfChat(tx: Queries, chatId: string): Promise<boolean>;
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

export type ContentFacts = Omit<ContentTable, "text">;

/** What files hold. */
export interface ContentStore {
  insertContent(tx: Queries, content: ContentTable): Promise<void>;
  findContent(tx: Queries, id: string): Promise<ContentFacts | undefined>;
  findContentText(tx: Queries, id: string): Promise<string | null>;
  /** Keeps what was read; the chunks are stored in the same transaction. */
  keepText(
    tx: Queries,
    id: string,
    read: { text: string; page_count: number | null; chunk_count: number },
  ): Promise<void>;
  /** All its chunks have vectors of `embedder`; null where nothing embeds. */
  finishContent(
    tx: Queries,
    id: string,
    end: { embedder: string | null; processed_at_sec: number },
  ): Promise<void>;
  /** Only of one that is processing; one that is processed stays so. */
  failContent(tx: Queries, id: string, end: { error: string; processed_at_sec: number }): Promise<void>;
  /** Why its processing does not get on; it stays `processing`. */
  noteDelay(tx: Queries, id: string, error: string): Promise<void>;
  /** A failed one is to be processed once more, from where it was. */
  restartContent(tx: Queries, id: string): Promise<void>;
  /** Deletes it with its chunks, unless a file holds it. Resolves with whether it went. */
  deleteUnheldContent(tx: Queries, id: string): Promise<boolean>;
  /** Deletes all that no file holds, with their chunks. */
  deleteUnheldContents(tx: Queries): Promise<void>;
  /** Whose bytes are those of a content, each once. */
  listHashes(tx: Queries): Promise<string[]>;
  /** Whether the bytes of this hash belong to any content. */
  isHashHeld(tx: Queries, hash: string): Promise<boolean>;
  /** The unfinished ones, oldest first. */
  listProcessing(tx: Queries): Promise<ContentFacts[]>;
  /** Processed ones whose vectors are another embedder's, or none. */
  listEmbeddedByOthers(tx: Queries, embedder: string, limit: number): Promise<ContentFacts[]>;
}

/** A file and what is known of what it holds. */
export type FileWithContent = FileTable & {
  hash: string;
  size_bytes: number;
  status: ContentStatus;
  error: string | null;
  page_count: number | null;
  /** What its content is called in `error`: the name of the first upload. */
  content_name: string;
};

export interface FileStore {
  insertFile(tx: Queries, file: FileTable): Promise<void>;
  holdFile(tx: Queries, id: string): Promise<void>;
  findFile(tx: Queries, id: string): Promise<FileWithContent | undefined>;
  listFilesOfUser(tx: Queries, userId: string): Promise<FileWithContent[]>;
  moveFileToContent(
    tx: Queries,
    id: string,
    change: { content_id: string; updated_at_sec: number },
  ): Promise<void>;
  deleteFile(tx: Queries, id: string): Promise<boolean>;
}

export interface KnowledgeStore {
  insertKnowledge(tx: Queries, knowledge: KnowledgeTable): Promise<void>;
  findKnowledge(tx: Queries, id: string): Promise<KnowledgeTable | undefined>;
  /** Newest update first; who may see them is the caller's question. */
  listKnowledge(tx: Queries): Promise<KnowledgeTable[]>;
  replaceKnowledge(tx: Queries, knowledge: KnowledgeTable): Promise<void>;
  deleteKnowledge(tx: Queries, id: string): Promise<boolean>;
  /** In the order in which they were added. */
  listFilesOfKnowledge(tx: Queries, knowledgeId: string): Promise<FileWithContent[]>;
  /** The same of several collections by their ids; those without files are left out. */
  listFilesOfAll(tx: Queries, knowledgeIds: readonly string[]): Promise<Map<string, FileWithContent[]>>;
  /** Collections that hold a file. */
  listKnowledgeOfFile(tx: Queries, fileId: string): Promise<KnowledgeTable[]>;
  /** Adding twice is adding once; resolves with whether it was new. */
  addFile(tx: Queries, link: { knowledgeId: string; fileId: string; addedAtSec: number }): Promise<boolean>;
  removeFile(tx: Queries, knowledgeId: string, fileId: string): Promise<boolean>;
  removeAllFiles(tx: Queries, knowledgeId: string): Promise<number>;
}

/** A chunk that has no vector of an embedder yet. */
export interface UnembeddedChunk {
  id: number;
  headings: string[];
  text: string;
}

/** The chunks of contents, and their vectors. */
export interface ChunkStore {
  /** All chunks of a content, which has none; they can be searched by words at once. */
  insertChunks(tx: Queries, contentId: string, chunks: readonly Chunk[]): Promise<void>;
  deleteChunks(tx: Queries, contentId: string): Promise<void>;
  /** Deletes some chunks of a content that no file holds. Resolves with how many went. */
  deleteUnheldChunks(tx: Queries, contentId: string, limit: number): Promise<number>;
  /** How many chunks of a content have no vector of the embedder. */
  countUnembedded(tx: Queries, filter: { contentId: string; embedder: string }): Promise<number>;
  /** In order of the text. */
  listUnembedded(
    tx: Queries,
    filter: { contentId: string; embedder: string; limit: number },
  ): Promise<UnembeddedChunk[]>;
  /** A chunk has one vector: another embedder's is replaced. */
  insertVectors(
    tx: Queries,
    embedder: string,
    vectors: readonly { chunkId: number; vector: Float32Array }[],
  ): Promise<void>;
}
