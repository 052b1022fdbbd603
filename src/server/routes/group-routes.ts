import * as z from "zod";
import { Group, GroupForm, GroupMembersForm } from "../../contract/group.ts";
import * as groups from "../use-cases/groups.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

const about = { tag: "groups", access: "admin" } as const;

const PAGE_SIZE = 30;
const Member = z.looseObject({ id: z.string(), name: z.string(), email: z.string(), role: z.string() });

const ownGroupsRoute = (path: string, summary: string) =>
  defineRoute({
    ...about,
    access: "user",
    method: "GET",
    path,
    summary,
    answer: z.array(Group),
    handle: async ({ context, identity }) => json(await groups.listGroups(context, identity.user)),
  });

const readRoute = (path: string, summary: string) =>
  defineRoute({
    ...about,
    method: "GET",
    path,
    summary,
    answer: Group,
    handle: async ({ context, params }) => json(await groups.readGroup(context, params.groupId!)),
  });

export const groupRoutes: Route[] = [
  ownGroupsRoute("/api/v1/groups/", "All groups to an administrator, to others those that they are in."),
  ownGroupsRoute("/api/v1/users/groups", "The same."),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/:userId/groups",
    summary: "The groups that a user is in.",
    answer: z.array(Group),
    handle: async ({ context, params }) => json(await groups.listGroupsOf(context, params.userId!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/groups/create",
    summary: "Makes a group; with `user_ids` these are in it.",
    body: GroupForm,
    answer: Group,
    handle: async ({ context, identity, body }) =>
      json(await groups.createGroup(context, identity.user, body)),
  }),
  readRoute("/api/v1/groups/id/:groupId", "A group, with the ids of who is in it."),
  readRoute("/api/v1/groups/id/:groupId/info", "The same."),
  readRoute("/api/v1/groups/id/:groupId/export", "The same."),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/groups/id/:groupId/members",
    summary: "Who is in a group, 30 a page; with `query` those whose name or address holds it.",
    query: PageQuery.extend({ query: z.string().max(1_000).default("") }),
    answer: z.looseObject({ items: z.array(Member), total: z.number() }),
    handle: async ({ context, params, query }) => {
      const members = await groups.listGroupUsers(context, params.groupId!);
      const wanted = query.query.toLowerCase();
      const found = members.filter(({ name, email }) => `${name}\n${email}`.toLowerCase().includes(wanted));
      const start = ((query.page ?? 1) - 1) * PAGE_SIZE;
      const counts = { direct: members.length, effective: members.length, inherited: 0 };
      return json({ items: found.slice(start, start + PAGE_SIZE), total: found.length, counts });
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/groups/id/:groupId/users",
    summary: "Who is in a group.",
    answer: z.array(Member),
    handle: async ({ context, params }) => json(await groups.listGroupUsers(context, params.groupId!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/groups/id/:groupId/update",
    summary: "Names and describes a group; with `user_ids` these are in it from now on, and nobody else.",
    body: GroupForm,
    answer: Group,
    handle: async ({ context, params, body }) =>
      json(await groups.updateGroup(context, params.groupId!, body)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/groups/id/:groupId/users/add",
    summary: "Puts users into a group.",
    body: GroupMembersForm,
    answer: Group,
    handle: async ({ context, params, body }) =>
      json(await groups.addGroupUsers(context, params.groupId!, body.user_ids ?? [])),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/groups/id/:groupId/users/remove",
    summary: "Takes users out of a group.",
    body: GroupMembersForm,
    answer: Group,
    handle: async ({ context, params, body }) =>
      json(await groups.removeGroupUsers(context, params.groupId!, body.user_ids ?? [])),
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: "/api/v1/groups/id/:groupId/delete",
    summary: "Deletes a group; its users stay.",
    answer: Done,
    handle: async ({ context, params }) => {
      await groups.deleteGroup(context, params.groupId!);
      return json(true);
    },
  }),
];
