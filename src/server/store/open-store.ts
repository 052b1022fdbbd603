import type { Database } from "../../db/database.ts";
import { createApiKeyStore } from "./api-key-store.ts";
import { createBlobStore } from "./blob-store.ts";
import { createChatStore } from "./chat-store.ts";
import { createChunkStore } from "./chunk-store.ts";
import { createClaimStore } from "./claim-store.ts";
import { createContentStore } from "./content-store.ts";
import { createFileStore } from "./file-store.ts";
import { createFolderStore } from "./folder-store.ts";
import { createGroupStore } from "./group-store.ts";
import { createJournalStore } from "./journal-store.ts";
import { createKnowledgeStore } from "./knowledge-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createMessageStore } from "./message-store.ts";
import { createModelStore } from "./model-store.ts";
import { createPromptStore } from "./prompt-store.ts";
import { createQuotaStore } from "./quota-store.ts";
import { createSettingStore } from "./setting-store.ts";
import { createShareStore } from "./share-store.ts";
import type { Store } from "./store.ts";
import { createUsageStore } from "./usage-store.ts";
import { createUserStore } from "./user-store.ts";

/** The store on an open database, which it owns from now on. Every statement is spelled here, once. */
export function openStore(database: Database): Store {
  return {
    isShared: database.engine === "postgres",
    read: database,
    write: (work) => database.write(work),
    users: createUserStore(database.engine),
    apiKeys: createApiKeyStore(database.engine),
    chats: createChatStore(database),
    messages: createMessageStore(database.engine),
    folders: createFolderStore(database.engine),
    shares: createShareStore(database.engine),
    settings: createSettingStore(database.engine),
    files: createFileStore(database.engine),
    knowledge: createKnowledgeStore(database.engine),
    contents: createContentStore(database.engine),
    chunks: createChunkStore(database.engine),
    journals: createJournalStore(database.engine),
    claims: createClaimStore(database.engine),
    blobs: createBlobStore(database.engine),
    memories: createMemoryStore(database.engine),
    usage: createUsageStore(database.engine),
    prompts: createPromptStore(database.engine),
    quotas: createQuotaStore(database.engine),
    models: createModelStore(database.engine),
    groups: createGroupStore(database.engine),
    close: () => database.close(),
  };
}
