import type { AccessForm } from "../../contract/access.ts";
import type { Queries } from "../../db/database.ts";
import type { PromptTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { createAccessCheck, grantsOf, type Permission } from "./access.ts";
import { bareCommand, findUsablePrompt, type PromptKey } from "./prompt-access.ts";
import { addVersion, takeVersion } from "./prompt-versions.ts";

/** What a page says of a prompt; what it leaves out stays as it is. */
export interface PromptChange extends AccessForm {
  command?: string | undefined;
  name?: string | undefined;
  content?: string | undefined;
  tags?: string[] | null | undefined;
  data?: Record<string, unknown> | null | undefined;
  meta?: Record<string, unknown> | null | undefined;
  commit_message?: string | null | undefined;
  /** False keeps a version and leaves the prompt as it is. */
  is_production?: boolean | null | undefined;
}

/** A prompt, whose it is, and whether the user may change it. */
export interface ListedPrompt {
  prompt: PromptTable;
  owner: User | undefined;
  isWritable: boolean;
}

/** The prompts that the user may use so, by command. */
export async function listPrompts(
  { store }: Context,
  user: User,
  wanted: Permission,
): Promise<ListedPrompt[]> {
  const mayUse = createAccessCheck(store, store.read, user);
  const owners = new Map((await store.users.listUsers(store.read)).map((owner) => [owner.id, owner]));
  const listed: ListedPrompt[] = [];
  for (const prompt of await store.prompts.listPrompts(store.read)) {
    if (!(await mayUse(prompt, wanted))) continue;
    const isWritable = wanted === "write" || (await mayUse(prompt, "write"));
    listed.push({ prompt, owner: owners.get(prompt.user_id), isWritable });
  }
  return listed;
}

/** @throws OffstageError `not_found` */
export async function readPrompt(context: Context, user: User, key: PromptKey): Promise<ListedPrompt> {
  const { store } = context;
  const prompt = await findUsablePrompt(context, store.read, user, { key, wanted: "read" });
  const isWritable = await createAccessCheck(store, store.read, user)(prompt, "write");
  return { prompt, owner: undefined, isWritable };
}

/** Makes a prompt with its first version. @throws OffstageError `conflict` where the command is taken */
export async function createPrompt(
  context: Context,
  user: User,
  form: PromptChange & { command: string; name: string; content: string },
): Promise<PromptTable> {
  const { store } = context;
  const now = nowSec(context.clock);
  const prompt: PromptTable = {
    id: context.newId(),
    user_id: user.id,
    command: bareCommand(form.command),
    name: form.name,
    content: form.content,
    is_active: 1,
    version_id: context.newId(),
    created_at_sec: now,
    updated_at_sec: now,
    tags_json: JSON.stringify(form.tags ?? []),
    data_json: JSON.stringify(form.data ?? {}),
    meta_json: JSON.stringify(form.meta ?? {}),
    access_json: JSON.stringify(grantsOf(form) ?? []),
  };
  await store.write(async (tx) => {
    await assertFree(context, tx, prompt);
    await store.prompts.insertPrompt(tx, prompt);
    await addVersion(context, tx, prompt, {
      userId: user.id,
      parentId: null,
      message: form.commit_message ?? null,
    });
  });
  return prompt;
}

/** Changes a prompt; a change of what it says makes a version. @throws OffstageError `not_found`, `forbidden`, `conflict` */
export function changePrompt(
  context: Context,
  user: User,
  key: PromptKey,
  form: PromptChange,
): Promise<PromptTable> {
  return write(context, user, key, async (tx, prompt) => {
    const changed = withChange(prompt, form);
    const says = ({ command, name, content, tags_json }: PromptTable) =>
      JSON.stringify([command, name, content, tags_json]);
    if (says(changed) === says(prompt)) return changed;
    const version = { userId: user.id, parentId: prompt.version_id, message: form.commit_message ?? null };
    const next = { ...changed, version_id: context.newId() };
    await addVersion(context, tx, next, version);
    return form.is_production === false ? prompt : next;
  });
}

/** Changes what a prompt is listed by, without a version. @throws OffstageError `not_found`, `forbidden`, `conflict` */
export function relabelPrompt(
  context: Context,
  user: User,
  key: PromptKey,
  { command, name, tags }: Pick<PromptChange, "command" | "name" | "tags">,
): Promise<PromptTable> {
  return write(context, user, key, async (_tx, prompt) => withChange(prompt, { command, name, tags }));
}

/** Changes who else may use it. @throws OffstageError `not_found`, `forbidden` */
export function sharePrompt(
  context: Context,
  user: User,
  key: PromptKey,
  { access_control, access_grants }: AccessForm,
): Promise<PromptTable> {
  return write(context, user, key, async (_tx, prompt) =>
    withChange(prompt, { access_control, access_grants }),
  );
}

/** Offers a prompt, or stops doing so. @throws OffstageError `not_found`, `forbidden` */
export function togglePrompt(context: Context, user: User, key: PromptKey): Promise<PromptTable> {
  return write(context, user, key, async (_tx, prompt) => ({ ...prompt, is_active: 1 - prompt.is_active }));
}

/** Brings a version back. @throws OffstageError `not_found`, `forbidden` */
export function restorePrompt(
  context: Context,
  user: User,
  key: PromptKey,
  versionId: string,
): Promise<PromptTable> {
  return write(context, user, key, (tx, prompt) => takeVersion(context, tx, prompt, versionId));
}

/** @throws OffstageError `not_found`, `forbidden` */
export async function deletePrompt(context: Context, user: User, key: PromptKey): Promise<void> {
  await context.store.write(async (tx) => {
    const prompt = await findUsablePrompt(context, tx, user, { key, wanted: "write" });
    await context.store.prompts.deletePrompt(tx, prompt.id);
  });
}

function withChange(prompt: PromptTable, form: PromptChange): PromptTable {
  const { command, name, content, tags, data, meta } = form;
  const grants = grantsOf(form);
  return {
    ...prompt,
    command: command === undefined ? prompt.command : bareCommand(command),
    name: name ?? prompt.name,
    content: content ?? prompt.content,
    tags_json: tags ? JSON.stringify(tags) : prompt.tags_json,
    data_json: data ? JSON.stringify(data) : prompt.data_json,
    meta_json: meta ? JSON.stringify(meta) : prompt.meta_json,
    access_json: grants ? JSON.stringify(grants) : prompt.access_json,
  };
}

/** Reads a prompt that the user may change, and writes what `work` makes of it, in one transaction. */
async function write(
  context: Context,
  user: User,
  key: PromptKey,
  work: (tx: Queries, prompt: PromptTable) => Promise<PromptTable>,
): Promise<PromptTable> {
  const { store } = context;
  return store.write(async (tx) => {
    const prompt = await findUsablePrompt(context, tx, user, { key, wanted: "write" });
    const changed = { ...(await work(tx, prompt)), updated_at_sec: nowSec(context.clock) };
    if (changed.command !== prompt.command) await assertFree(context, tx, changed);
    await store.prompts.replacePrompt(tx, changed);
    return changed;
  });
}

async function assertFree({ store }: Context, tx: Queries, { id, command }: PromptTable): Promise<void> {
  const other = await store.prompts.findPromptByCommand(tx, command);
  if (!other || other.id === id) return;
  throw new OffstageError("conflict", `The command "/${command}" is taken: choose another.`, {
    httpStatus: 400,
  });
}
