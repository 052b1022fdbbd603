import type { AccessGrant } from "../../contract/access.ts";
import type { Queries } from "../../db/database.ts";
import type { PromptTable, PromptVersionTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { findUsablePrompt, type PromptKey } from "./prompt-access.ts";

/** So many versions of a prompt are kept. */
const MAX_VERSIONS = 100;
const PAGE_SIZE = 20;

/** What a version keeps of a prompt, as the wire has it. */
interface Snapshot {
  name: string;
  content: string;
  command: string;
  data: Record<string, unknown>;
  meta: Record<string, unknown>;
  tags: string[];
  access_grants: AccessGrant[];
}

/** Keeps what a prompt is as its version `version_id`. */
export async function addVersion(
  { store, clock }: Context,
  tx: Queries,
  prompt: PromptTable,
  made: { userId: string; parentId: string | null; message: string | null },
): Promise<void> {
  const snapshot: Snapshot = {
    name: prompt.name,
    content: prompt.content,
    command: prompt.command,
    data: JSON.parse(prompt.data_json),
    meta: JSON.parse(prompt.meta_json),
    tags: JSON.parse(prompt.tags_json),
    access_grants: JSON.parse(prompt.access_json),
  };
  await store.prompts.insertVersion(tx, {
    id: prompt.version_id,
    prompt_id: prompt.id,
    parent_id: made.parentId,
    user_id: made.userId,
    commit_message: made.message,
    created_at_sec: nowSec(clock),
    snapshot_json: JSON.stringify(snapshot),
  });
  await store.prompts.deleteOldVersions(tx, prompt.id, MAX_VERSIONS);
}

/** A prompt as it was in a version; its command and who may use it stay. @throws OffstageError `not_found` */
export async function takeVersion(
  context: Context,
  tx: Queries,
  prompt: PromptTable,
  versionId: string,
): Promise<PromptTable> {
  const { snapshot_json } = await findVersion(context, tx, prompt, versionId);
  const { name, content, data, meta, tags } = JSON.parse(snapshot_json) as Snapshot;
  return {
    ...prompt,
    version_id: versionId,
    name,
    content,
    data_json: JSON.stringify(data),
    meta_json: JSON.stringify(meta),
    tags_json: JSON.stringify(tags),
  };
}

/** A page of a prompt's versions, newest first, with who made them; `page` counts from 0. @throws OffstageError `not_found` */
export async function listVersions(
  context: Context,
  user: User,
  key: PromptKey,
  page: number,
): Promise<{ version: PromptVersionTable; maker: User | undefined }[]> {
  const { store } = context;
  const prompt = await findUsablePrompt(context, store.read, user, { key, wanted: "read" });
  const versions = await store.prompts.listVersions(store.read, {
    promptId: prompt.id,
    limit: PAGE_SIZE,
    offset: page * PAGE_SIZE,
  });
  const makers = new Map((await store.users.listUsers(store.read)).map((maker) => [maker.id, maker]));
  return versions.map((version) => ({ version, maker: makers.get(version.user_id) }));
}

/** @throws OffstageError `not_found` */
export async function readVersion(
  context: Context,
  user: User,
  key: PromptKey,
  versionId: string,
): Promise<PromptVersionTable> {
  const { read } = context.store;
  return findVersion(
    context,
    read,
    await findUsablePrompt(context, read, user, { key, wanted: "read" }),
    versionId,
  );
}

/** @throws OffstageError `not_found`, `forbidden`; `bad_input` for the one that the prompt is now */
export async function deleteVersion(
  context: Context,
  user: User,
  key: PromptKey,
  versionId: string,
): Promise<void> {
  await context.store.write(async (tx) => {
    const prompt = await findUsablePrompt(context, tx, user, { key, wanted: "write" });
    await findVersion(context, tx, prompt, versionId);
    if (prompt.version_id === versionId)
      throw new OffstageError(
        "bad_input",
        "This is what the prompt is now: bring another version back first.",
      );
    await context.store.prompts.deleteVersion(tx, prompt.id, versionId);
  });
}

async function findVersion(
  { store }: Context,
  queries: Queries,
  prompt: PromptTable,
  versionId: string,
): Promise<PromptVersionTable> {
  const version = await store.prompts.findVersion(queries, prompt.id, versionId);
  if (version) return version;
  throw new OffstageError("not_found", `The prompt "/${prompt.command}" has no version "${versionId}".`);
}
