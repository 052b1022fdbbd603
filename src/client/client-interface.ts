import type { AccessControl, AccessGrant } from "../contract/access.ts";
import type { CapabilityValues, ProbedCapabilities } from "../contract/capabilities.ts";
import type { ChatListItem, PostedChat } from "../contract/chat.ts";
import type { CompletedRequest, CompletionRequest } from "../contract/completion.ts";
import type { FileStatus } from "../contract/file.ts";
import type { KnowledgeStatus } from "../contract/knowledge.ts";
import type { CompletionEvent, ObservedEvent } from "../contract/observed-event.ts";
import type { RunMark } from "../contract/run-mark.ts";
import type { StoredChat } from "../contract/stored-chat.ts";
import type { OffstageError } from "../errors.ts";
export interface RetryOptions {
  /** Further attempts after the first; 0 turns retrying off. Default 4. */
  retries?: number;
  /** Upper bound of the first pause; doubles with each one. Default 250. */
  firstDelayMs?: number;
  /** Upper bound of any pause, also of what `Retry-After` asks for. Default 10,000. */
  maxDelayMs?: number;
}

/** The only time that the client knows; tests bring their own. */
export interface ClientClock {
  nowMs(): number;
  /** Ends after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface OpenWebUiClientOptions {
  /** Where the server is, with or without a path: `https://chat.example.org`. */
  baseUrl: string;
  /** A JWT of a signed-in user. */
  token?: string;
  /** A key `sk-…`; live events need a JWT on most servers. */
  apiKey?: string;
  /** Signs in at the first call that needs it, and again once when a token has expired. */
  credentials?: { email: string; password: string };
  fetch?: typeof globalThis.fetch;
  /** One attempt of one call, until its whole answer is there. Default 30,000. */
  timeoutMs?: number;
  /** A completion until its headers, and a stream between two chunks. Default 120,000. */
  completionTimeoutMs?: number;
  retry?: RetryOptions;
  clock?: ClientClock;
  /** In [0, 1), for the jitter of pauses. */
  random?: () => number;
  userAgent?: string;
}

export interface CallOptions {
  /** Ends the call with `cancelled`. */
  signal?: AbortSignal;
  /** One attempt; the client's default otherwise. */
  timeoutMs?: number;
  /** After this moment of the client's clock no attempt is started and the running one ends with `timed_out`. */
  deadlineAtMs?: number;
  /** What the call belongs to; offstage's own server shows it with the answer, others ignore it. */
  run?: RunMark;
}

export interface RepeatableCallOptions extends CallOptions {
  /** The caller knows that doing it twice is as good as once, so it may be retried. Default false. */
  repeatable?: boolean;
}

export interface CompletionCallOptions extends CallOptions {
  /** The form of answer that is asked for; servers may give another. Default `ack`. */
  want?: "ack" | "events" | "completion";
}

/** What servers answer to a completion; `chatId` where they say it. */
export type CompletionStart =
  | { kind: "ack"; taskIds: string[]; chatId: string | null }
  | { kind: "events"; events: AsyncIterable<CompletionEvent>; chatId: string | null }
  | { kind: "completion"; text: string; body: Record<string, unknown>; chatId: string | null }
  /** 0.9.0 and later answer `null` once a completion without a session is done and saved. */
  | { kind: "empty"; chatId: string | null };

export interface SessionUser {
  id: string;
  email: string;
  name: string;
  role: string;
  token: string | null;
  expiresAtSec: number | null;
}

export interface RemoteModel {
  id: string;
  name: string;
  [key: string]: unknown;
}

/** A collection of files: what every server says of one, beside its record as it came. */
export interface RemoteKnowledge {
  id: string;
  name: string;
  description: string;
  /** `processed` on servers that name none: there a file is processed before it is added. */
  status: KnowledgeStatus;
  /** Null where the answer does not tell. */
  fileCount: number | null;
  [key: string]: unknown;
}

/** A file on the server: what every server says of one, beside its record as it came. */
export interface RemoteFile {
  id: string;
  name: string;
  /** In bytes; null where the answer does not tell. */
  size: number | null;
  /** Found from the text or its hash where the server names none, as it processes files while they are uploaded. */
  status: FileStatus;
  /** Why it could not be processed; null where it was, or may still be. */
  error: string | null;
  [key: string]: unknown;
}

/** A file to send: one on the disk, which is read while it is sent, or bytes with a name. */
export type FileUpload = (
  | { path: string; name?: string }
  | { bytes: Uint8Array<ArrayBuffer> | Blob; name: string }
) & {
  /** By default what the name's ending says. */
  contentType?: string;
  /** Kept with the file, as `meta.data`. */
  metadata?: Record<string, unknown>;
};

/** How far a file's processing is. `completed` and `failed` are ends. */
export interface RemoteFileProgress {
  status: FileStatus;
  /** Why it failed. */
  error: string | null;
  /** Counts of passages, where the server tells them. */
  progress: { embedded: number; chunks: number } | null;
}

/** What a collection is called, and who may use it: nobody but its owner, unless said. */
export interface KnowledgeFields {
  name: string;
  description?: string;
  /** As servers up to 0.7 read it. */
  access_control?: AccessControl | null;
  /** As later ones read it. */
  access_grants?: AccessGrant[];
}

/** What a server calls itself. */
export interface ServerVersion {
  /** Open WebUI's version, or the one whose clients fit. */
  version: string;
  /** The version of offstage's own server; null for any other. */
  offstage: string | null;
}

/** How this server behaves where servers differ and a caller must choose; found by looking, never by its version. */
export interface ServerCapabilities extends CapabilityValues, ServerVersion {
  /** What a call was made for; the rest follows from it, or from the server being offstage's own. */
  readonly probed: readonly (keyof ProbedCapabilities)[];
}

/** How a live connection ended. `error` is null when the caller ended it. */
export interface LiveEventsEnd {
  type: "closed";
  error: OffstageError | null;
}

/**
 * Any Open WebUI from 0.6.15 on, and offstage's own server. Every method rejects with an OffstageError; an ApiError
 * where the server answered. GETs are retried; what changes something only where its options say `repeatable`.
 */
export interface OpenWebUiClient {
  readonly baseUrl: string;

  version(options?: CallOptions): Promise<ServerVersion>;
  config(options?: CallOptions): Promise<Record<string, unknown>>;
  /**
   * Found by at most four requests, once per client; a failure is not remembered.
   * @throws `unsupported_version`, `not_open_webui`
   */
  capabilities(options?: CallOptions): Promise<ServerCapabilities>;
  /** Now by the server's clock in milliseconds (exact to about two seconds), or null before its first answer. */
  serverNowMs(): number | null;

  session(options?: CallOptions): Promise<SessionUser>;
  /** Later calls use the new token. */
  signIn(credentials: { email: string; password: string }, options?: CallOptions): Promise<SessionUser>;
  signUp(
    account: { name: string; email: string; password: string },
    options?: CallOptions,
  ): Promise<SessionUser>;
  signOut(options?: CallOptions): Promise<void>;
  createApiKey(options?: CallOptions): Promise<string>;
  getApiKey(options?: CallOptions): Promise<string>;
  deleteApiKey(options?: CallOptions): Promise<void>;

  /** Never retried: the server makes the id. */
  createChat(chat: PostedChat, options?: CallOptions): Promise<StoredChat>;
  getChat(chatId: string, options?: CallOptions): Promise<StoredChat>;
  /** The record as the server keeps it: nothing is checked but that it is one, nothing is filled in. */
  getChatRecord(chatId: string, options?: CallOptions): Promise<Record<string, unknown>>;
  updateChat(chatId: string, chat: PostedChat, options?: RepeatableCallOptions): Promise<StoredChat>;
  renameChat(chatId: string, title: string, options?: CallOptions): Promise<StoredChat>;
  deleteChat(chatId: string, options?: RepeatableCallOptions): Promise<void>;
  /** 60 a page, the first is 1, newest first; without pinned, foldered and archived ones. */
  listChats(options?: CallOptions & { page?: number }): Promise<ChatListItem[]>;
  /** Every page until an empty one. */
  allChats(options?: CallOptions): AsyncIterable<ChatListItem>;
  searchChats(text: string, options?: CallOptions & { page?: number }): Promise<ChatListItem[]>;
  listChatTags(chatId: string, options?: CallOptions): Promise<string[]>;
  addChatTag(chatId: string, name: string, options?: CallOptions): Promise<void>;
  removeChatTag(chatId: string, name: string, options?: CallOptions): Promise<void>;

  updateMessage(
    chatId: string,
    messageId: string,
    content: string,
    options?: RepeatableCallOptions,
  ): Promise<void>;
  deleteMessage(chatId: string, messageId: string, options?: RepeatableCallOptions): Promise<void>;
  postMessageEvent(
    chatId: string,
    messageId: string,
    event: { type: string; data: unknown },
    options?: CallOptions,
  ): Promise<void>;

  listModels(options?: CallOptions): Promise<RemoteModel[]>;
  /** The model's information, or its row of the list where the server has none (provider models). */
  getModel(modelId: string, options?: CallOptions): Promise<RemoteModel>;

  /** Never retried: it may run twice. */
  startCompletion(body: CompletionRequest, options?: CompletionCallOptions): Promise<CompletionStart>;
  /** A completion of no chat, streamed. */
  streamCompletion(body: CompletionRequest, options?: CallOptions): AsyncIterable<CompletionEvent>;
  /** `POST chat/completed`: an echo on real servers. */
  completed(body: CompletedRequest, options?: RepeatableCallOptions): Promise<Record<string, unknown>>;

  /** Ids of what runs for the chat: answers and their background work. */
  listTasks(chatId: string, options?: CallOptions): Promise<string[]>;
  stopTask(taskId: string, options?: CallOptions): Promise<void>;
  /** Everything that runs for the chat: by one call where the server has it, else task by task. */
  stopChatTasks(chatId: string, options?: CallOptions): Promise<void>;

  /**
   * Never retried: the server makes the id. 0.6.15 processes the file before its reply, later servers after it. Takes at
   * most 600,000 ms unless `timeoutMs` says otherwise.
   * @throws `bad_input` for a path that is no readable file, or an empty one, before anything is sent
   */
  uploadFile(upload: FileUpload, options?: CallOptions): Promise<RemoteFile>;
  getFile(fileId: string, options?: CallOptions): Promise<RemoteFile>;
  fileStatus(fileId: string, options?: CallOptions): Promise<RemoteFileProgress>;
  /** Each state of a file's processing from the present one to its end: told by the server where it can, else looked for. */
  watchFile(fileId: string, options?: CallOptions): AsyncIterable<RemoteFileProgress>;
  /** Every page, without the files' texts. Servers may list everybody's to an administrator. */
  listFiles(options?: CallOptions): Promise<RemoteFile[]>;
  deleteFile(fileId: string, options?: RepeatableCallOptions): Promise<void>;
  /** A file's bytes, as they were sent. Leaving the loop closes the connection; `timeoutMs` is between two pieces. */
  readFileContent(fileId: string, options?: CallOptions): AsyncIterable<Uint8Array>;

  /** Never retried: the server makes the id. */
  createKnowledge(fields: KnowledgeFields, options?: CallOptions): Promise<RemoteKnowledge>;
  /** Every page of those that the user may read. */
  listKnowledge(options?: CallOptions): Promise<RemoteKnowledge[]>;
  /** @throws `not_found` also for what is not the user's to read */
  getKnowledge(knowledgeId: string, options?: CallOptions): Promise<RemoteKnowledge>;
  listKnowledgeFiles(knowledgeId: string, options?: CallOptions): Promise<RemoteFile[]>;
  /** Changes what is given and keeps the rest, who may use it included. */
  updateKnowledge(
    knowledgeId: string,
    fields: Partial<KnowledgeFields>,
    options?: CallOptions,
  ): Promise<RemoteKnowledge>;
  /**
   * Real servers take only files that are processed, and embed them once more before the reply: at most 600,000 ms unless
   * `timeoutMs` says otherwise. Never retried: a second time is refused by some.
   */
  addFileToKnowledge(knowledgeId: string, fileId: string, options?: CallOptions): Promise<RemoteKnowledge>;
  /** 0.6.15 deletes the file too, whatever `deleteFile` says; default false. */
  removeFileFromKnowledge(
    knowledgeId: string,
    fileId: string,
    options?: CallOptions & { deleteFile?: boolean },
  ): Promise<RemoteKnowledge>;
  /** Takes all files out. */
  resetKnowledge(knowledgeId: string, options?: CallOptions): Promise<RemoteKnowledge>;
  /** The files stay their users'. */
  deleteKnowledge(knowledgeId: string, options?: RepeatableCallOptions): Promise<void>;

  /**
   * What happens in all chats of the user, from the moment of the first `next()`. Never throws: the last value is
   * `closed`, with the reason. Leaving the loop or aborting closes the socket.
   */
  liveEvents(options?: { signal?: AbortSignal }): AsyncIterable<LiveEvent>;
}

/** `connected` comes once the server knows who listens; `closed` comes last. */
export type LiveEvent = ObservedEvent | { type: "connected"; sessionId: string } | LiveEventsEnd;
