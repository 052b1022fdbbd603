import * as z from "zod";
import { ChatListItem } from "../../contract/chat.ts";
import * as folders from "../use-cases/folders.ts";
import { listFolderPage } from "../use-cases/read-chats.ts";
import { Done, defineRoute, json, type Route } from "./route.ts";

const about = { tag: "folders", access: "user" } as const;

const Name = z.string().trim().min(1).max(1_024);
const Facts = z.record(z.string(), z.unknown()).nullish();
const ParentId = z.string().max(256).nullish();

const Folder = z
  .looseObject({
    id: z.string(),
    parent_id: z.string().nullable(),
    user_id: z.string(),
    name: z.string(),
    is_expanded: z.boolean(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "Folder", description: "A folder of chats; times in seconds" });

export const folderRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/folders/",
    summary: "The user's folders by name, with the ids and titles of the chats in each.",
    answer: z.array(Folder),
    handle: async ({ context, identity }) => json(await folders.listFolders(context, identity.user)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/folders/",
    summary: "Makes a folder; its name is free beside it.",
    body: z.looseObject({ name: Name, parent_id: ParentId, meta: Facts, data: Facts }),
    answer: Folder,
    handle: async ({ context, identity, body }) => {
      const { name, meta, data, parent_id } = body;
      const folder = { name, meta, data, parentId: parent_id ?? null };
      return json(await folders.createFolder(context, identity.user, folder));
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/folders/shared",
    summary: "Folders that others share: there are none, folders are their owner's alone.",
    answer: z.array(Folder),
    handle: () => json([]),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/folders/:folderId",
    summary: "A folder.",
    answer: Folder,
    handle: async ({ context, identity, params }) =>
      json(await folders.readFolder(context, identity.user, params.folderId!)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/folders/:folderId/shared/chats",
    summary:
      "The chats of a folder, 60 a page, by `sort_by` and `sort_dir`, as 0.12.4's page of the folder asks.",
    query: z.object({
      page: z.coerce.number().int().min(1).max(1_000_000).default(1),
      sort_by: z.enum(["title", "created_at", "updated_at"]).optional().catch(undefined),
      sort_dir: z.enum(["asc", "desc"]).optional().catch(undefined),
    }),
    answer: z.looseObject({ chats: z.array(ChatListItem), total: z.number(), has_more: z.boolean() }),
    handle: async ({ context, identity, params, query }) => {
      const order = { page: query.page, order_by: query.sort_by, direction: query.sort_dir };
      return json(await listFolderPage(context, identity.user, params.folderId!, order));
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/folders/:folderId/update",
    summary: "Gives a folder another name, or other facts in `meta` and `data`.",
    body: z.looseObject({ name: Name.optional(), meta: Facts, data: Facts }),
    answer: Folder,
    handle: async ({ context, identity, params, body }) =>
      json(await folders.updateFolder(context, identity.user, params.folderId!, body)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/folders/:folderId/update/parent",
    summary: "Puts a folder into another one, or into none.",
    body: z.looseObject({ parent_id: ParentId }),
    answer: Folder,
    handle: async ({ context, identity, params, body }) =>
      json(await folders.moveFolder(context, identity.user, params.folderId!, body.parent_id ?? null)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/folders/:folderId/update/expanded",
    summary: "Keeps whether a folder is shown open.",
    body: z.looseObject({ is_expanded: z.boolean() }),
    answer: Folder,
    handle: async ({ context, identity, params, body }) =>
      json(await folders.expandFolder(context, identity.user, params.folderId!, body.is_expanded)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/folders/:folderId/read",
    summary: "All chats of a folder, and of those in it, count as read.",
    answer: z.looseObject({ folder_id: z.string(), folder_ids: z.array(z.string()) }),
    handle: async ({ context, identity, params }) => {
      const folderIds = await folders.markFolderRead(context, identity.user, params.folderId!);
      return json({ folder_id: params.folderId!, folder_ids: folderIds, folder_unread_counts: {} });
    },
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: "/api/v1/folders/:folderId",
    summary:
      "Deletes a folder with the folders and chats in it; with `delete_contents=false` the chats stay.",
    query: z.object({ delete_contents: z.stringbool().default(true) }),
    answer: Done,
    handle: async ({ context, identity, params, query }) => {
      const withChats = query.delete_contents;
      await folders.deleteFolder(context, identity.user, params.folderId!, { withChats });
      return json(true);
    },
  }),
];
