import type { GroupForm } from "../../contract/group.ts";
import type { Queries } from "../../db/database.ts";
import type { GroupTable } from "../../db/model-tables.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { pictureUrl } from "./profile-picture.ts";

type GroupRecord = Record<string, unknown>;

function record(group: GroupTable, memberIds: readonly string[], withMembers: boolean): GroupRecord {
  return {
    id: group.id,
    user_id: group.user_id,
    parent_group_id: null,
    name: group.name,
    description: group.description,
    permissions: JSON.parse(group.permissions_json) as unknown,
    data: JSON.parse(group.data_json) as unknown,
    meta: null,
    member_count: memberIds.length,
    ...(withMembers ? { user_ids: memberIds } : {}),
    created_at: group.created_at_sec,
    updated_at: group.updated_at_sec,
  };
}

/** Who is in which group, by its id. */
async function membersByGroup({ store }: Context, queries: Queries): Promise<Map<string, string[]>> {
  const members = Map.groupBy(await store.groups.listMembers(queries), ({ group_id }) => group_id);
  return new Map([...members].map(([id, rows]) => [id, rows.map(({ user_id }) => user_id)]));
}

/** All groups to an administrator, to others their own; by name. */
export function listGroups(context: Context, user: User): Promise<GroupRecord[]> {
  const isAdmin = user.role === "admin";
  return records(context, (memberIds) => isAdmin || memberIds.includes(user.id), isAdmin);
}

/** The groups that a user is in, as an administrator sees them; by name. */
export function listGroupsOf(context: Context, userId: string): Promise<GroupRecord[]> {
  return records(context, (memberIds) => memberIds.includes(userId), true);
}

async function records(
  context: Context,
  isWanted: (memberIds: readonly string[]) => boolean,
  withMembers: boolean,
): Promise<GroupRecord[]> {
  const { store } = context;
  const members = await membersByGroup(context, store.read);
  return (await store.groups.listGroups(store.read))
    .map((group) => ({ group, memberIds: members.get(group.id) ?? [] }))
    .filter(({ memberIds }) => isWanted(memberIds))
    .map(({ group, memberIds }) => record(group, memberIds, withMembers));
}

/** The ids of the groups that a user is in. */
export async function groupIdsOf({ store }: Context, userId: string): Promise<string[]> {
  return (await store.groups.listMembers(store.read, { userId })).map(({ group_id }) => group_id);
}

/** @throws OffstageError `not_found` */
export async function readGroup(context: Context, id: string): Promise<GroupRecord> {
  const { store } = context;
  const group = await findGroup(context, store.read, id);
  return record(group, (await membersByGroup(context, store.read)).get(id) ?? [], true);
}

/** The users in a group, as an administrator sees them. @throws OffstageError `not_found` */
export async function listGroupUsers(context: Context, id: string): Promise<GroupRecord[]> {
  const { store } = context;
  await findGroup(context, store.read, id);
  const memberIds = new Set((await membersByGroup(context, store.read)).get(id));
  return (await store.users.listUsers(store.read))
    .filter((user) => memberIds.has(user.id))
    .map((user) => ({
      id: user.id,
      name: user.name,
      email: user.email,
      role: user.role,
      profile_image_url: pictureUrl(user.id),
      last_active_at: user.last_active_at_sec,
      created_at: user.created_at_sec,
      updated_at: user.updated_at_sec,
      membership_type: "direct",
      via_group_ids: [],
    }));
}

/** Makes a group. */
export async function createGroup(context: Context, admin: User, form: GroupForm): Promise<GroupRecord> {
  const { store } = context;
  const now = nowSec(context.clock);
  const group: GroupTable = {
    id: context.newId(),
    user_id: admin.id,
    name: form.name,
    description: form.description ?? "",
    created_at_sec: now,
    updated_at_sec: now,
    permissions_json: JSON.stringify(form.permissions ?? null),
    data_json: JSON.stringify(form.data ?? null),
  };
  await store.write(async (tx) => {
    await store.groups.insertGroup(tx, group);
    await addMembers(context, tx, group.id, form.user_ids ?? []);
  });
  return readGroup(context, group.id);
}

/** Changes what the form says, its members too where it names some. @throws OffstageError `not_found` */
export function updateGroup(context: Context, id: string, form: GroupForm): Promise<GroupRecord> {
  return change(context, id, async (tx, group) => {
    const { name, description, permissions, data, user_ids: userIds } = form;
    if (userIds) {
      const former = (await membersByGroup(context, tx)).get(id) ?? [];
      await removeMembers(
        context,
        tx,
        id,
        former.filter((userId) => !userIds.includes(userId)),
      );
      await addMembers(context, tx, id, userIds);
    }
    return {
      ...group,
      name,
      description: description ?? group.description,
      permissions_json: permissions === undefined ? group.permissions_json : JSON.stringify(permissions),
      data_json: data === undefined ? group.data_json : JSON.stringify(data),
    };
  });
}

/** Puts users in; ids of nobody are passed over, as on the real servers. @throws OffstageError `not_found` */
export function addGroupUsers(
  context: Context,
  id: string,
  userIds: readonly string[],
): Promise<GroupRecord> {
  return change(context, id, async (tx, group) => {
    await addMembers(context, tx, id, userIds);
    return group;
  });
}

/** Takes users out. @throws OffstageError `not_found` */
export function removeGroupUsers(
  context: Context,
  id: string,
  userIds: readonly string[],
): Promise<GroupRecord> {
  return change(context, id, async (tx, group) => {
    await removeMembers(context, tx, id, userIds);
    return group;
  });
}

/** Deletes a group; grants that name it give nothing any more. @throws OffstageError `not_found` */
export async function deleteGroup(context: Context, id: string): Promise<void> {
  const { store } = context;
  if (!(await store.write((tx) => store.groups.deleteGroup(tx, id)))) throw groupNotFound(id);
  context.models.forget();
}

async function change(
  context: Context,
  id: string,
  work: (tx: Queries, group: GroupTable) => Promise<GroupTable>,
): Promise<GroupRecord> {
  const { store } = context;
  await store.write(async (tx) => {
    const group = await work(tx, await findGroup(context, tx, id));
    await store.groups.replaceGroup(tx, { ...group, updated_at_sec: nowSec(context.clock) });
  });
  context.models.forget();
  return readGroup(context, id);
}

async function addMembers({ store }: Context, tx: Queries, groupId: string, userIds: readonly string[]) {
  for (const userId of new Set(userIds)) {
    if (await store.users.findUser(tx, userId))
      await store.groups.addMember(tx, { group_id: groupId, user_id: userId });
  }
}

async function removeMembers({ store }: Context, tx: Queries, groupId: string, userIds: readonly string[]) {
  for (const userId of userIds) await store.groups.removeMember(tx, { group_id: groupId, user_id: userId });
}

async function findGroup({ store }: Context, queries: Queries, id: string): Promise<GroupTable> {
  const group = await store.groups.findGroup(queries, id);
  if (group) return group;
  throw groupNotFound(id);
}

const groupNotFound = (id: string) => new OffstageError("not_found", `There is no group "${id}".`);
