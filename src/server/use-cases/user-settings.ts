import { type Context, nowSec, type User } from "../context.ts";

type Settings = Record<string, unknown>;

/** What a user's pages keep of their settings; null where they have kept nothing yet. */
export async function readSettings(context: Context, user: User): Promise<Settings | null> {
  const { store } = context;
  const { settings_json = "{}" } = (await store.users.findUser(store.read, user.id)) ?? {};
  return settings_json === "{}" ? null : (JSON.parse(settings_json) as Settings);
}

/** Replaces the named settings and keeps the others; resolves with all. */
export async function changeSettings(context: Context, user: User, change: Settings): Promise<Settings> {
  const { store } = context;
  return store.write(async (tx) => {
    const stored = (await store.users.findUser(tx, user.id))?.settings_json ?? "{}";
    const settings = { ...(JSON.parse(stored) as Settings), ...change };
    await store.users.changeUser(tx, user.id, { settings_json: JSON.stringify(settings) });
    return settings;
  });
}

/** Gives a user another name. */
export async function renameUser(context: Context, user: User, name: string): Promise<User> {
  const { store } = context;
  await store.write((tx) =>
    store.users.changeUser(tx, user.id, { name, updated_at_sec: nowSec(context.clock) }),
  );
  context.authenticator.forgetUser(user.id);
  return { ...user, name };
}
