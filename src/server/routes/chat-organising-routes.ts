import * as z from "zod";
import { ChatListItem, ChatRecord } from "../../contract/chat.ts";
import * as organise from "../use-cases/organise-chats.ts";
import * as read from "../use-cases/read-chats.ts";
import { searchAll } from "../use-cases/search-all.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

const about = { tag: "organising", access: "user" } as const;

const OrderQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  query: z.string().max(1_000).optional(),
  order_by: z.enum(["title", "created_at", "updated_at"]).optional().catch(undefined),
  direction: z.enum(["asc", "desc"]).optional().catch(undefined),
});

const ListItems = z.array(ChatListItem);

const lists: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/pinned",
    summary: "The user's pinned chats, newest update first.",
    answer: ListItems,
    handle: async ({ context, identity }) => json(await read.listPinned(context, identity.user)),
  }),
  ...(["archived", "shared"] as const).map((kind) =>
    defineRoute({
      ...about,
      method: "GET",
      path: `/api/v1/chats/${kind}`,
      summary: `The user's ${kind} chats, 60 a page, by \`order_by\` and \`direction\`; with \`query\` those whose title holds it.`,
      query: OrderQuery,
      answer: ListItems,
      handle: async ({ context, identity, query }) =>
        json(await read.listOrdered(context, identity.user, kind, query)),
    }),
  ),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/archived/count",
    summary: "How many chats the user has archived.",
    answer: z.number(),
    handle: async ({ context, identity }) => json(await read.countArchived(context, identity.user)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/tags",
    summary: "The user's chats with a tag, newest update first.",
    body: z.looseObject({
      name: z.string().max(256),
      skip: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1_000).default(50),
    }),
    answer: ListItems,
    handle: async ({ context, identity, body }) => json(await read.listTagged(context, identity.user, body)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/folder/:folderId/list",
    summary: "The chats of a folder, newest update first: 60 a page, or all without `page`.",
    query: PageQuery,
    answer: ListItems,
    handle: async ({ context, identity, params, query }) =>
      json(await read.listFolderChats(context, identity.user, params.folderId!, query.page)),
  }),
];

const search: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/search",
    summary:
      "The user's chats with the text `q` in their title or in a message, 24 a page, each with a passage.",
    query: z.object({
      q: z.string().max(1_000).default(""),
      kind: z.string().max(64).default("all"),
      sharing: z.string().max(64).default("all"),
      scope: z.string().max(300).default(""),
      page: z.coerce.number().int().min(1).max(1_000_000).default(1),
    }),
    answer: z.looseObject({ items: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean() }),
    handle: async ({ context, identity, query }) => {
      const folderId = query.scope.startsWith("folder:") ? query.scope.slice("folder:".length) : null;
      const { q: text, page } = query;
      const found = await searchAll(context, identity.user, { text: text.trim(), page, folderId });
      const isChats = ["all", "chat"].includes(query.kind) && query.sharing !== "shared";
      return json(isChats ? found : { ...found, items: [], has_more: false });
    },
  }),
];

const places: Route[] = [
  ...(["archive", "unarchive"] as const).map((verb) =>
    defineRoute({
      ...about,
      method: "POST",
      path: `/api/v1/chats/${verb}/all`,
      summary:
        verb === "archive" ? "Archives all of the user's chats." : "Takes all chats out of the archive.",
      answer: Done,
      handle: async ({ context, identity }) => {
        await organise.archiveAll(context, identity.user, verb === "archive");
        return json(true);
      },
    }),
  ),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/read",
    summary: "All of the user's chats count as read.",
    answer: z.looseObject({ updated_count: z.number() }),
    handle: async ({ context, identity }) =>
      json({
        updated_count: await organise.markAllRead(context, identity.user),
        folder_unread_counts: {},
      }),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/unread",
    summary: "A chat counts as unread.",
    answer: z.looseObject({ chat_id: z.string(), last_read_at: z.number() }),
    handle: async ({ context, identity, params }) =>
      json({
        chat_id: params.id!,
        last_read_at: await organise.markChatRead(context, identity.user, params.id!, false),
        folder_id: null,
        folder_unread_counts: {},
      }),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/:id/pinned",
    summary: "Whether a chat is pinned.",
    answer: z.boolean(),
    handle: async ({ context, identity, params }) =>
      json(await organise.isPinned(context, identity.user, params.id!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/pin",
    summary: "Pins a chat, or takes the pin away.",
    answer: ChatRecord,
    handle: async ({ context, identity, params }) =>
      json(await organise.togglePin(context, identity.user, params.id!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/archive",
    summary: "Puts a chat into the archive, or takes it out.",
    answer: ChatRecord,
    handle: async ({ context, identity, params }) =>
      json(await organise.toggleArchive(context, identity.user, params.id!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/folder",
    summary: "Puts a chat into a folder, or into none.",
    body: z.looseObject({ folder_id: z.string().max(256).nullish() }),
    answer: ChatRecord,
    handle: async ({ context, identity, params, body }) =>
      json(await organise.moveChat(context, identity.user, params.id!, body.folder_id ?? null)),
  }),
  defineRoute({
    ...about,
    method: "PATCH",
    path: "/api/v1/chats/:id/params",
    summary: "Merges into a chat's parameters; answers all of them.",
    body: z.record(z.string(), z.unknown()),
    answer: z.record(z.string(), z.unknown()),
    handle: async ({ context, identity, params, body }) =>
      json(await organise.changeChatParams(context, identity.user, params.id!, body)),
  }),
];

/** What people order their chats by. Their paths go before `chats/:id`. */
export const chatOrganisingRoutes: Route[] = [...lists, ...search, ...places];
