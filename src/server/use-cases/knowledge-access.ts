import type { Queries } from "../../db/database.ts";
import type { KnowledgeTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { User } from "../context.ts";
import type { FileWithContent, Store } from "../store/store.ts";
import { createAccessCheck, type Permission } from "./access.ts";

/** What an unknown collection and one that is not shared answer alike. Open WebUI's clients expect 401 on its own routes. */
export function knowledgeNotFound(id: string, httpStatus: number): OffstageError {
  return new OffstageError(
    "not_found",
    `Could not find the collection "${id}": it does not exist, was deleted, or is not shared with you.`,
    { httpStatus },
  );
}

/** A collection that the user may use so. @throws OffstageError `not_found`; `forbidden` where it may only be read */
export async function findUsableKnowledge(
  store: Store,
  queries: Queries,
  user: User,
  id: string,
  wanted: Permission,
  httpStatus = 401,
): Promise<KnowledgeTable> {
  const knowledge = await store.knowledge.findKnowledge(queries, id);
  const mayUse = createAccessCheck(store, queries, user);
  if (!knowledge || !(await mayUse(knowledge, "read"))) throw knowledgeNotFound(id, httpStatus);
  if (await mayUse(knowledge, wanted)) return knowledge;
  throw new OffstageError("forbidden", `You may read the collection "${knowledge.name}", but not change it.`);
}

/** What an unknown file and somebody else's answer alike. */
export function fileNotFound(id: string, httpStatus = 404): OffstageError {
  return new OffstageError(
    "not_found",
    `Could not find the file "${id}": it does not exist, was deleted, or is not shared with you.`,
    { httpStatus },
  );
}

/** The user's own file. @throws OffstageError `not_found` */
export async function findOwnFile(
  store: Store,
  queries: Queries,
  user: User,
  id: string,
): Promise<FileWithContent> {
  const file = await store.files.findFile(queries, id);
  if (!file || file.user_id !== user.id) throw fileNotFound(id);
  return file;
}

/** A file of the user's, or in a collection that the user may read. @throws OffstageError `not_found` */
export async function findReadableFile(
  store: Store,
  queries: Queries,
  user: User,
  id: string,
  httpStatus?: number,
): Promise<FileWithContent> {
  const file = await store.files.findFile(queries, id);
  if (!file) throw fileNotFound(id, httpStatus);
  if (file.user_id === user.id) return file;
  const holders = await store.knowledge.listKnowledgeOfFile(queries, id);
  const mayUse = createAccessCheck(store, queries, user);
  for (const knowledge of holders) if (await mayUse(knowledge, "read")) return file;
  throw fileNotFound(id, httpStatus);
}
