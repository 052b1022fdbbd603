import type { AccessControl, AccessGrant, KnowledgeForm } from "../../contract/knowledge.ts";
import type { Queries } from "../../db/database.ts";
import type { KnowledgeTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { User } from "../context.ts";
import type { FileWithContent, Store } from "../store/store.ts";

type Permission = AccessGrant["permission"];

const EVERYONE = "*";

/** The grants of a form; null where it says nothing of access. `access_grants` wins. */
export function grantsOf(
  form: Pick<KnowledgeForm, "access_control" | "access_grants">,
): AccessGrant[] | null {
  if (form.access_grants) return form.access_grants;
  const { access_control: control } = form;
  if (control === undefined) return null;
  if (control === null) return [{ principal_type: "user", principal_id: EVERYONE, permission: "read" }];
  return (["read", "write"] as const).flatMap((permission) => {
    const { user_ids, group_ids } = control[permission] ?? {};
    const grant = (type: AccessGrant["principal_type"]) => (id: string) => ({
      principal_type: type,
      principal_id: id,
      permission,
    });
    return [...(user_ids ?? []).map(grant("user")), ...(group_ids ?? []).map(grant("group"))];
  });
}

/** Grants as versions up to 0.8 spell them. */
export function accessControlOf(grants: readonly AccessGrant[]): AccessControl | null {
  if (grants.some((grant) => isFor(grant, EVERYONE) && grant.permission === "read")) return null;
  if (grants.length === 0) return {};
  const permission = (wanted: Permission) => ({
    group_ids: idsOf(grants, "group", wanted),
    user_ids: idsOf(grants, "user", wanted),
  });
  return { read: permission("read"), write: permission("write") };
}

function idsOf(
  grants: readonly AccessGrant[],
  type: AccessGrant["principal_type"],
  permission: Permission,
): string[] {
  return grants
    .filter((grant) => grant.principal_type === type && grant.permission === permission)
    .map(({ principal_id }) => principal_id);
}

const isFor = ({ principal_type, principal_id }: AccessGrant, id: string) =>
  principal_type === "user" && principal_id === id;

/** Whether a user may do something with what is shared, such as a collection. Its owner and administrators may do all; who may write may read. */
export function mayUse(
  user: User,
  knowledge: Pick<KnowledgeTable, "user_id" | "access_json">,
  wanted: Permission,
): boolean {
  if (knowledge.user_id === user.id || user.role === "admin") return true;
  const grants = JSON.parse(knowledge.access_json) as AccessGrant[];
  return grants.some(
    (grant) =>
      (isFor(grant, user.id) || isFor(grant, EVERYONE)) &&
      (grant.permission === wanted || grant.permission === "write"),
  );
}

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
  if (!knowledge || !mayUse(user, knowledge, "read")) throw knowledgeNotFound(id, httpStatus);
  if (mayUse(user, knowledge, wanted)) return knowledge;
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
  if (holders.some((knowledge) => mayUse(user, knowledge, "read"))) return file;
  throw fileNotFound(id, httpStatus);
}
