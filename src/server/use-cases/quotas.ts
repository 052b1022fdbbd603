import { OffstageError } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { Quota } from "../guard/quota.ts";

/** The user's own holder and those of their API keys. @throws OffstageError `not_found` */
async function holdersOf({ store }: Context, userId: string): Promise<string[]> {
  if (!(await store.users.findUser(store.read, userId)))
    throw new OffstageError("not_found", `There is no user "${userId}".`);
  const keys = await store.apiKeys.listApiKeys(store.read, userId);
  return ["user", ...keys.map(({ id }) => id)];
}

/** What a user and each of their keys may use, and have used today. @throws OffstageError `not_found` */
export async function readQuotas(context: Context, userId: string) {
  const { quotas, usage } = context;
  const read = async (holder: string) => {
    const key = { user_id: userId, holder };
    return { holder, quota: await quotas.quotaOf(key), today: await usage.today(key) };
  };
  return Promise.all((await holdersOf(context, userId)).map(read));
}

/** Gives a quota in place of a former one; null gives back the server's. @throws OffstageError `not_found` */
export async function changeQuota(
  context: Context,
  userId: string,
  { holder, quota }: { holder: string; quota: Quota | null },
): Promise<void> {
  const { store } = context;
  if (!(await holdersOf(context, userId)).includes(holder))
    throw new OffstageError("not_found", `This user has no API key "${holder}".`);
  const key = { user_id: userId, holder };
  await store.write((tx) => store.quotas.putQuota(tx, key, quota));
  context.quotas.forget(key);
}
