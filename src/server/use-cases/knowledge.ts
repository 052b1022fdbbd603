import type { AccessForm } from "../../contract/access.ts";
import type { KnowledgeForm } from "../../contract/knowledge.ts";
import type { Queries } from "../../db/database.ts";
import type { KnowledgeTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { FileWithContent } from "../store/store.ts";
import { changedAccess, createAccessCheck, grantsOf } from "./access.ts";
import { errorOf } from "./file-document.ts";
import { dropFile } from "./files.ts";
import { awaitProcessed } from "./keep-content.ts";
import { fileNotFound, findOwnFile, findReadableFile, findUsableKnowledge } from "./knowledge-access.ts";
import { encodeCollection, encodeKnowledge, encodeListedFile, encodeOwner } from "./knowledge-document.ts";

type KnowledgeRecord = Record<string, unknown>;

/** Makes an empty collection. */
export async function createKnowledge(
  context: Context,
  user: User,
  form: KnowledgeForm,
): Promise<KnowledgeRecord> {
  const now = nowSec(context.clock);
  const knowledge: KnowledgeTable = {
    id: context.newId(),
    user_id: user.id,
    name: form.name,
    description: form.description ?? "",
    created_at_sec: now,
    updated_at_sec: now,
    access_json: JSON.stringify(grantsOf(form) ?? []),
    meta_json: "{}",
  };
  await context.store.write((tx) => context.store.knowledge.insertKnowledge(tx, knowledge));
  return encodeKnowledge(knowledge, [], true);
}

/** The collections that the user may read, newest update first, each with its files and its owner. */
export async function listKnowledge(
  context: Context,
  user: User,
  wanted: "read" | "write",
  text = "",
): Promise<KnowledgeRecord[]> {
  const { store } = context;
  const mayUse = createAccessCheck(store, store.read, user);
  const usable = await listUsable(context, mayUse, wanted, text);
  const [owners, files] = await Promise.all([
    usersById(context),
    store.knowledge.listFilesOfAll(store.read, idsOf(usable)),
  ]);
  return Promise.all(
    usable.map(async (knowledge) => ({
      ...encodeKnowledge(knowledge, files.get(knowledge.id) ?? [], await mayUse(knowledge, "write")),
      user: encodeOwner(owners.get(knowledge.user_id)),
    })),
  );
}

async function listUsable(
  { store }: Context,
  mayUse: ReturnType<typeof createAccessCheck>,
  wanted: "read" | "write",
  text = "",
): Promise<KnowledgeTable[]> {
  const sought = text.toLowerCase();
  const usable: KnowledgeTable[] = [];
  for (const knowledge of await store.knowledge.listKnowledge(store.read)) {
    const isFound = `${knowledge.name}\n${knowledge.description}`.toLowerCase().includes(sought);
    if (isFound && (await mayUse(knowledge, wanted))) usable.push(knowledge);
  }
  return usable;
}

const idsOf = (rows: readonly KnowledgeTable[]) => rows.map(({ id }) => id);

/** @throws OffstageError `not_found` */
export async function readKnowledge(context: Context, user: User, id: string): Promise<KnowledgeRecord> {
  return encode(
    context,
    user,
    await findUsableKnowledge(context.store, context.store.read, user, id, "read"),
  );
}

/** The files of a collection, in the order in which they were added. @throws OffstageError `not_found` */
export function listKnowledgeFiles(context: Context, user: User, id: string): Promise<KnowledgeRecord[]> {
  return listMembers(context, user, id, () => true);
}

/** Those of them that are still processing. @throws OffstageError `not_found` */
export function listPendingFiles(context: Context, user: User, id: string): Promise<KnowledgeRecord[]> {
  return listMembers(context, user, id, ({ status }) => status === "processing");
}

async function listMembers(
  context: Context,
  user: User,
  id: string,
  isWanted: (file: FileWithContent) => boolean,
): Promise<KnowledgeRecord[]> {
  const { store } = context;
  await findUsableKnowledge(store, store.read, user, id, "read");
  const files = await store.knowledge.listFilesOfKnowledge(store.read, id);
  const owners = await usersById(context);
  return files.filter(isWanted).map((file) => encodeListedFile(id, file, owners.get(file.user_id)));
}

/** The files of all collections that the user may read whose name holds the text, each with its collection. */
export async function searchKnowledgeFiles(
  context: Context,
  user: User,
  text: string,
): Promise<KnowledgeRecord[]> {
  const { store } = context;
  const sought = text.toLowerCase();
  const owners = await usersById(context);
  const readable = await listUsable(context, createAccessCheck(store, store.read, user), "read");
  const files = await store.knowledge.listFilesOfAll(store.read, idsOf(readable));
  const found: KnowledgeRecord[] = [];
  for (const knowledge of readable) {
    const { id } = knowledge;
    for (const file of files.get(id) ?? []) {
      if (!file.name.toLowerCase().includes(sought)) continue;
      found.push({
        ...encodeListedFile(id, file, owners.get(file.user_id)),
        collection: encodeCollection(knowledge),
      });
    }
  }
  return found;
}

async function usersById({ store }: Context): Promise<Map<string, User>> {
  return new Map((await store.users.listUsers(store.read)).map((user) => [user.id, user]));
}

/** Renames and describes it; access changes where the form says something of it. @throws OffstageError `not_found`, `forbidden` */
export function updateKnowledge(
  context: Context,
  user: User,
  id: string,
  form: KnowledgeForm,
): Promise<KnowledgeRecord> {
  return change(context, user, id, async (_tx, knowledge) => ({
    ...knowledge,
    name: form.name,
    description: form.description ?? knowledge.description,
    access_json: changedAccess(form, knowledge),
  }));
}

/** Changes who else may use it. @throws OffstageError `not_found`, `forbidden` */
export function shareKnowledge(
  context: Context,
  user: User,
  id: string,
  form: AccessForm,
): Promise<KnowledgeRecord> {
  return change(context, user, id, async (_tx, knowledge) => ({
    ...knowledge,
    access_json: changedAccess(form, knowledge),
  }));
}

/**
 * Puts the user's own files in; one that is there stays. A file may still be processing: the collection then is, too.
 * @throws OffstageError `not_found`, `forbidden`; `bad_input` for a file that could not be processed
 */
export function addFiles(
  context: Context,
  user: User,
  id: string,
  fileIds: readonly string[],
): Promise<KnowledgeRecord> {
  const { store } = context;
  return change(context, user, id, async (tx, knowledge) => {
    const members = new Set((await store.knowledge.listFilesOfKnowledge(tx, id)).map((file) => file.id));
    for (const fileId of fileIds.filter((fileId) => !members.has(fileId))) {
      // Who may only read a file would pass it on, and keep it once it is taken back.
      const file =
        user.role === "admin"
          ? await findReadableFile(store, tx, user, fileId)
          : await findOwnFile(store, tx, user, fileId);
      if (file.status === "error") {
        throw new OffstageError("bad_input", `The file "${file.name}" cannot be used: ${errorOf(file)}`, {
          details: { fileId },
        });
      }
      await store.knowledge.addFile(tx, { knowledgeId: id, fileId, addedAtSec: nowSec(context.clock) });
    }
    return knowledge;
  });
}

/** Waits at most `waitMs` for a member whose content was replaced. @throws OffstageError `not_found`, `forbidden` */
export async function refreshFile(
  context: Context,
  user: User,
  id: string,
  fileId: string,
  waitMs: number,
): Promise<KnowledgeRecord> {
  const { store } = context;
  await findUsableKnowledge(store, store.read, user, id, "write");
  const files = await store.knowledge.listFilesOfKnowledge(store.read, id);
  const file = files.find((member) => member.id === fileId);
  if (!file) throw fileNotFound(fileId);
  await awaitProcessed(context, file.content_id, AbortSignal.timeout(waitMs));
  return readKnowledge(context, user, id);
}

/**
 * Takes a file out. `deletesFile`: it goes for good, if it is the user's own and in no other collection.
 * @throws OffstageError `not_found`, `forbidden`
 */
export async function removeFile(
  context: Context,
  user: User,
  id: string,
  fileId: string,
  deletesFile: boolean,
): Promise<KnowledgeRecord> {
  const { store } = context;
  const record = await change(context, user, id, async (tx, knowledge) => {
    if (!(await store.knowledge.removeFile(tx, id, fileId))) throw fileNotFound(fileId);
    return knowledge;
  });
  if (deletesFile) {
    await dropFile(context, fileId, async (tx) => {
      const file = await store.files.findFile(tx, fileId);
      const others = await store.knowledge.listKnowledgeOfFile(tx, fileId);
      return file?.user_id === user.id && others.length === 0 ? file : undefined;
    });
  }
  return record;
}

/** Takes all files out; they stay the users'. @throws OffstageError `not_found`, `forbidden` */
export function resetKnowledge(context: Context, user: User, id: string): Promise<KnowledgeRecord> {
  return change(context, user, id, async (tx, knowledge) => {
    await context.store.knowledge.removeAllFiles(tx, id);
    return knowledge;
  });
}

/** Deletes the collection; its files stay the users'. @throws OffstageError `not_found`, `forbidden` */
export async function deleteKnowledge(context: Context, user: User, id: string): Promise<void> {
  const { store } = context;
  await store.write(async (tx) => {
    await findUsableKnowledge(store, tx, user, id, "write");
    await store.knowledge.deleteKnowledge(tx, id);
  });
}

/** Reads a collection that the user may change, and writes what `work` makes of it, in one transaction. */
async function change(
  context: Context,
  user: User,
  id: string,
  work: (tx: Queries, knowledge: KnowledgeTable) => Promise<KnowledgeTable>,
): Promise<KnowledgeRecord> {
  const { store } = context;
  const changed = await store.write(async (tx) => {
    const knowledge = await findUsableKnowledge(store, tx, user, id, "write");
    const after = { ...(await work(tx, knowledge)), updated_at_sec: nowSec(context.clock) };
    await store.knowledge.replaceKnowledge(tx, after);
    return after;
  });
  return encode(context, user, changed);
}

async function encode(context: Context, user: User, knowledge: KnowledgeTable): Promise<KnowledgeRecord> {
  const { store } = context;
  const files = await store.knowledge.listFilesOfKnowledge(store.read, knowledge.id);
  const isWritable = await createAccessCheck(store, store.read, user)(knowledge, "write");
  return encodeKnowledge(knowledge, files, isWritable);
}
