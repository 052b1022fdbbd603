import type { Queries } from "../../db/database.ts";
import type { ApiKeyTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import { createApiKey, hashApiKey } from "../auth/tokens.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { ApiKeyFacts } from "../store/api-key-store.ts";

/** Keys that one user may have. */
const MAX_KEYS = 100;

/** Characters of a key that are kept to be shown: `sk-` and 24 of its 192 bits. */
const PREFIX_CHARS = 9;

/** @throws OffstageError `forbidden` where an administrator has switched keys off */
function newKeyRow(context: Context, user: User, key: string, name: string, isMain: boolean): ApiKeyTable {
  if (!context.settings.current.accounts.enableApiKeys) {
    throw new OffstageError("forbidden", "API keys are switched off: ask an administrator.");
  }
  return {
    key_hash: hashApiKey(key),
    id: context.newId(),
    user_id: user.id,
    name,
    prefix: key.slice(0, PREFIX_CHARS),
    is_main: Number(isMain),
    created_at_sec: nowSec(context.clock),
    last_used_at_sec: null,
  };
}

/** The user's keys, oldest first. */
export function listApiKeys({ store }: Context, user: User): Promise<ApiKeyFacts[]> {
  return store.apiKeys.listApiKeys(store.read, user.id);
}

/** A further key, which is shown once. @throws OffstageError `conflict` where the user has 100 */
export async function addApiKey(
  context: Context,
  user: User,
  name: string,
): Promise<{ key: string; row: ApiKeyFacts }> {
  const { store } = context;
  const key = createApiKey();
  const row = newKeyRow(context, user, key, name, false);
  await store.write(async (tx) => {
    if ((await store.apiKeys.listApiKeys(tx, user.id)).length >= MAX_KEYS) {
      throw new OffstageError("conflict", `You have ${MAX_KEYS} API keys: delete one that is not used.`);
    }
    await store.apiKeys.insertApiKey(tx, row);
  });
  return { key, row };
}

/** Takes a key away, with its quota and what was used by it; resolves with whether it was there. */
async function removeKey({ store }: Context, tx: Queries, user: User, id: string): Promise<boolean> {
  const isDeleted = await store.apiKeys.deleteApiKey(tx, user.id, id);
  if (isDeleted) await store.quotas.deleteHolder(tx, { user_id: user.id, holder: id });
  return isDeleted;
}

/** The same for the key that Open WebUI's routes speak of; resolves with its id, null where there was none. */
async function removeMainKey(context: Context, tx: Queries, user: User): Promise<string | null> {
  const keys = await context.store.apiKeys.listApiKeys(tx, user.id);
  const main = keys.find((key) => key.is_main === 1);
  return main && (await removeKey(context, tx, user, main.id)) ? main.id : null;
}

/** What is kept in memory of a key that is gone. */
function forgetKey({ authenticator, quotas, usage }: Context, user: User, id: string | null): void {
  authenticator.forgetUser(user.id);
  if (id === null) return;
  const key = { user_id: user.id, holder: id };
  quotas.forget(key);
  usage.forget(key);
}

/** Makes one of the user's keys void. @throws OffstageError `not_found` */
export async function deleteApiKey(context: Context, user: User, id: string): Promise<void> {
  const { store } = context;
  const isDeleted = await store.write((tx) => removeKey(context, tx, user, id));
  if (!isDeleted) {
    throw new OffstageError(
      "not_found",
      `You have no API key "${id}". GET /api/v1/auths/api_keys lists them.`,
    );
  }
  forgetKey(context, user, id);
}

/** The key that Open WebUI's routes speak of, in place of a former one; it is shown once. */
export async function replaceMainApiKey(context: Context, user: User): Promise<string> {
  const { store } = context;
  const key = createApiKey();
  const former = await store.write(async (tx) => {
    const id = await removeMainKey(context, tx, user);
    await store.apiKeys.insertApiKey(tx, newKeyRow(context, user, key, "API key", true));
    return id;
  });
  forgetKey(context, user, former);
  return key;
}

/** Whether the user has the key that Open WebUI's routes speak of. */
export async function hasMainApiKey(context: Context, user: User): Promise<boolean> {
  return (await listApiKeys(context, user)).some((key) => key.is_main === 1);
}

/** Resolves with whether there was one. */
export async function deleteMainApiKey(context: Context, user: User): Promise<boolean> {
  const id = await context.store.write((tx) => removeMainKey(context, tx, user));
  forgetKey(context, user, id);
  return id !== null;
}
