import type { Queries } from "../../db/database.ts";
import type { MemoryTable, PromptTable, PromptVersionTable } from "../../db/schema.ts";

/** What users want models to know, each user's own. */
export interface MemoryStore {
  insertMemory(tx: Queries, memory: MemoryTable): Promise<void>;
  findMemory(tx: Queries, id: string): Promise<MemoryTable | undefined>;
  /** In the order in which they were made. */
  listMemories(tx: Queries, userId: string): Promise<MemoryTable[]>;
  countMemories(tx: Queries, userId: string): Promise<number>;
  /** Writes all columns of a memory that was read in the same transaction. */
  replaceMemory(tx: Queries, memory: MemoryTable): Promise<void>;
  /** Keeps a vector of this text, unless the memory has another by now. */
  keepMemoryVector(
    tx: Queries,
    kept: { id: string; content: string; embedder: string; vector: Uint8Array },
  ): Promise<void>;
  /** Forgets the vectors of a user's memories. */
  dropMemoryVectors(tx: Queries, userId: string): Promise<number>;
  deleteMemory(tx: Queries, id: string): Promise<boolean>;
  deleteMemoriesOfUser(tx: Queries, userId: string): Promise<number>;
}

/** Texts that people call up by a command, with their versions. */
export interface PromptStore {
  /** @throws OffstageError `conflict` where another prompt has its command */
  insertPrompt(tx: Queries, prompt: PromptTable): Promise<void>;
  findPrompt(tx: Queries, id: string): Promise<PromptTable | undefined>;
  findPromptByCommand(tx: Queries, command: string): Promise<PromptTable | undefined>;
  /** By command; who may see them is the caller's question. */
  listPrompts(tx: Queries): Promise<PromptTable[]>;
  /** Writes all columns of a prompt that was read in the same transaction. */
  replacePrompt(tx: Queries, prompt: PromptTable): Promise<void>;
  /** Deletes it with its versions. Resolves with whether it was there. */
  deletePrompt(tx: Queries, id: string): Promise<boolean>;
  insertVersion(tx: Queries, version: PromptVersionTable): Promise<void>;
  findVersion(tx: Queries, promptId: string, id: string): Promise<PromptVersionTable | undefined>;
  /** Newest first. */
  listVersions(
    tx: Queries,
    page: { promptId: string; limit: number; offset: number },
  ): Promise<PromptVersionTable[]>;
  deleteVersion(tx: Queries, promptId: string, id: string): Promise<boolean>;
  /** Deletes all but the newest `kept`, and the one that the prompt is now. */
  deleteOldVersions(tx: Queries, promptId: string, kept: number): Promise<number>;
}
