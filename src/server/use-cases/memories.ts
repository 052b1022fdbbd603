import type { Queries } from "../../db/database.ts";
import type { MemoryTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { type RankedMemory, rankMemories } from "./rank-memories.ts";

/** So many memories of one user are kept; more would be looked through at each question. */
const MAX_MEMORIES = 1_000;

/** What a page says of a memory. */
export interface MemoryForm {
  content: string;
  type?: string | null | undefined;
}

/** The user's memories, in the order of their making. */
export function listMemories({ store }: Context, user: User): Promise<MemoryTable[]> {
  return store.memories.listMemories(store.read, user.id);
}

/** @throws OffstageError `bad_input` where the user has too many */
export async function addMemory(context: Context, user: User, form: MemoryForm): Promise<MemoryTable> {
  const { store } = context;
  const now = nowSec(context.clock);
  const memory: MemoryTable = {
    id: context.newId(),
    user_id: user.id,
    type: form.type ?? "context",
    content: form.content,
    created_at_sec: now,
    updated_at_sec: now,
    embedder: null,
    vector: null,
  };
  await store.write(async (tx) => {
    if ((await store.memories.countMemories(tx, user.id)) >= MAX_MEMORIES)
      throw new OffstageError(
        "bad_input",
        `There are ${MAX_MEMORIES} memories already, as many as are kept: delete some first.`,
      );
    await store.memories.insertMemory(tx, memory);
  });
  return memory;
}

/** Gives the user's memory another text. @throws OffstageError `not_found` */
export async function changeMemory(
  context: Context,
  user: User,
  id: string,
  form: Partial<MemoryForm>,
): Promise<MemoryTable> {
  const { store } = context;
  return store.write(async (tx) => {
    const memory = await findOwnMemory(context, tx, user, id);
    const { content = memory.content, type } = form;
    const isSame = content === memory.content;
    const changed: MemoryTable = {
      ...memory,
      content,
      type: type ?? memory.type,
      updated_at_sec: nowSec(context.clock),
      embedder: isSame ? memory.embedder : null,
      vector: isSame ? memory.vector : null,
    };
    await store.memories.replaceMemory(tx, changed);
    return changed;
  });
}

/** @throws OffstageError `not_found` */
export async function deleteMemory(context: Context, user: User, id: string): Promise<void> {
  const { store } = context;
  await store.write(async (tx) => {
    await findOwnMemory(context, tx, user, id);
    await store.memories.deleteMemory(tx, id);
  });
}

/** Deletes all of the user's memories. */
export async function deleteMemories({ store }: Context, user: User): Promise<void> {
  await store.write((tx) => store.memories.deleteMemoriesOfUser(tx, user.id));
}

/** Has the vectors of the user's memories made anew when they are next asked for. */
export async function resetMemoryVectors({ store }: Context, user: User): Promise<void> {
  await store.write((tx) => store.memories.dropMemoryVectors(tx, user.id));
}

/** The `count` memories of the user that are nearest to a text. */
export async function searchMemories(
  context: Context,
  user: User,
  { content, count }: { content: string; count: number },
): Promise<RankedMemory[]> {
  const ranked = await rankMemories(context, await listMemories(context, user), [content]);
  return ranked.slice(0, count);
}

async function findOwnMemory(
  { store }: Context,
  queries: Queries,
  user: User,
  id: string,
): Promise<MemoryTable> {
  const memory = await store.memories.findMemory(queries, id);
  if (memory?.user_id === user.id) return memory;
  throw new OffstageError(
    "not_found",
    `Could not find the memory "${id}": it does not exist, was deleted, or belongs to somebody else.`,
  );
}
