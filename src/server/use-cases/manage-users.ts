import { OffstageError } from "../../errors.ts";
import { assertPassword, hashPassword } from "../auth/passwords.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { deleteAllFiles } from "./files.ts";
import { groupIdsOf } from "./groups.ts";
import { forgetPicture, pictureUrl } from "./profile-picture.ts";

/** Users on a page of an administrator's list. */
const PAGE_SIZE = 30;

/** How an administrator looks through the users. */
export interface UserOrder {
  page: number;
  /** Only those whose name or address holds it, in any case. */
  query?: string | undefined;
  order_by?: "name" | "email" | "role" | "created_at" | "last_active_at" | undefined;
  direction?: "asc" | "desc" | undefined;
}

const record = (user: User, groupIds: readonly string[]) => ({
  id: user.id,
  name: user.name,
  email: user.email,
  role: user.role,
  profile_image_url: pictureUrl(user.id),
  group_ids: groupIds,
  last_active_at: user.last_active_at_sec,
  created_at: user.created_at_sec,
  updated_at: user.updated_at_sec,
});

/** The users, 30 a page, the first to come first unless asked otherwise; all of them where `order` is null. */
export async function listUsers({ store }: Context, order: UserOrder | null) {
  const wanted = order?.query?.toLowerCase() ?? "";
  const members = Map.groupBy(await store.groups.listMembers(store.read), ({ user_id }) => user_id);
  const groupsOf = ({ id }: User) => (members.get(id) ?? []).map(({ group_id }) => group_id);
  const users = (await store.users.listUsers(store.read))
    .filter(({ name, email }) => `${name}\n${email}`.toLowerCase().includes(wanted))
    .map((user) => record(user, groupsOf(user)));
  const key = order?.order_by ?? "created_at";
  const sign = order?.direction === "desc" ? -1 : 1;
  users.sort((a, b) => sign * String(a[key]).localeCompare(String(b[key]), "en", { numeric: true }));
  const page = order ? users.slice((order.page - 1) * PAGE_SIZE, order.page * PAGE_SIZE) : users;
  return { users: page, total: users.length };
}

async function findUser({ store }: Context, id: string): Promise<User> {
  const user = await store.users.findUser(store.read, id);
  if (user) return user;
  throw new OffstageError("not_found", `There is no user "${id}".`);
}

/** What an administrator may change of a user. */
export interface UserChange {
  name?: string | undefined;
  email?: string | undefined;
  role?: User["role"] | undefined;
  password?: string | undefined;
}

/**
 * Changes a user; another role or password makes all their tokens void.
 * @throws OffstageError `not_found`, `conflict` (as 400) for a taken address, `forbidden` for one's own role, `bad_input`
 */
export async function changeUser(context: Context, admin: User, id: string, change: UserChange) {
  const { store } = context;
  const { name, email, role, password } = change;
  const former = await findUser(context, id);
  if (role !== undefined && role !== former.role && id === admin.id) {
    throw new OffstageError("forbidden", "An administrator cannot change their own role.");
  }
  if (password) assertPassword(password);
  const passwordHash = password ? await hashPassword(password) : undefined;
  const isRevoked = passwordHash !== undefined || (role !== undefined && role !== former.role);
  const changed = await store.write(async (tx) => {
    const taken = email === undefined ? undefined : await store.users.findUserByEmail(tx, email);
    if (taken && taken.id !== id) {
      throw new OffstageError("conflict", `There is an account for ${email} already.`, { httpStatus: 400 });
    }
    await store.users.changeUser(tx, id, {
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(role === undefined ? {} : { role }),
      ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
      ...(isRevoked ? { token_generation: former.token_generation + 1 } : {}),
      updated_at_sec: nowSec(context.clock),
    });
    return (await store.users.findUser(tx, id))!;
  });
  context.authenticator.forgetUser(id);
  context.models.forget();
  return record(changed, await groupIdsOf(context, id));
}

/** Makes all tokens of a user void; API keys stay. @throws OffstageError `not_found` */
export async function signOutEverywhere(context: Context, id: string): Promise<void> {
  const { store } = context;
  const { token_generation: generation } = await findUser(context, id);
  await store.write((tx) => store.users.changeUser(tx, id, { token_generation: generation + 1 }));
  context.authenticator.forgetUser(id);
}

/** Deletes a user with all that is theirs. @throws OffstageError `not_found`, `forbidden` for oneself */
export async function deleteUser(context: Context, admin: User, id: string): Promise<void> {
  const { store } = context;
  if (id === admin.id) throw new OffstageError("forbidden", "An administrator cannot delete themselves.");
  const user = await findUser(context, id);
  const running = context.answers.ofUser(id);
  for (const answer of running) answer.stop();
  await Promise.all(running.map(({ settled }) => settled));
  await deleteAllFiles(context, user);
  await store.write(async (tx) => {
    await forgetPicture(context, tx, id);
    await store.models.deleteModels(tx, { workspaceOf: id });
    await store.users.deleteUser(tx, id);
  });
  context.models.forget();
  context.authenticator.forgetUser(id);
}
