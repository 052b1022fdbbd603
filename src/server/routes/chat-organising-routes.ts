import { z } from "zod";
import { ChatListItem, ChatRecord, PostedChat } from "../../contract/chat.ts";
import { OffstageError } from "../../errors.ts";
import { cloneChat, forkChat } from "../use-cases/clone-chat.ts";
import { importChats, jsonArray, keepPostedChat } from "../use-cases/import-chats.ts";
import * as organise from "../use-cases/organise-chats.ts";
import * as read from "../use-cases/read-chats.ts";
import { cloneShare, readShare, shareChat, unshareChat } from "../use-cases/share-chat.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

const about = { tag: "organising", access: "user" } as const;

const OrderQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  query: z.string().max(1_000).optional(),
  order_by: z.enum(["title", "created_at", "updated_at"]).optional().catch(undefined),
  direction: z.enum(["asc", "desc"]).optional().catch(undefined),
});

const ImportedChat = z.looseObject({
  chat: PostedChat,
  meta: z.looseObject({ tags: z.array(z.string().max(256)).max(1_000).optional() }).nullish(),
  pinned: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  folder_id: z.string().max(256).nullish(),
  created_at: z.number().nullish(),
  updated_at: z.number().nullish(),
});

/** 0.6.15 sends one chat and is answered one record; 0.12.4 sends several in `chats`. */
const ImportForm = z.union([z.looseObject({ chats: z.array(ImportedChat).max(10_000) }), ImportedChat]);

const Title = z.string().trim().min(1).max(4096);
const ListItems = z.array(ChatListItem);

async function allOf(records: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const list: Buffer[] = [];
  for await (const record of records) list.push(record);
  return list;
}

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
    path: "/api/v1/chats/folder/:folderId",
    summary: "The chats of a folder, newest update first.",
    answer: ListItems,
    handle: async ({ context, identity, params }) =>
      json(await read.listFolderChats(context, identity.user, params.folderId!, undefined)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/folder/:folderId/list",
    summary: "The chats of a folder, newest update first, 60 a page.",
    query: PageQuery,
    answer: ListItems,
    handle: async ({ context, identity, params, query }) =>
      json(await read.listFolderChats(context, identity.user, params.folderId!, query.page ?? 1)),
  }),
];

const files: Route[] = [
  ...(
    [
      ["/api/v1/chats/all", "current"],
      ["/api/v1/chats/all/archived", "archived"],
    ] as const
  ).map(([path, kind]) =>
    defineRoute({
      ...about,
      method: "GET",
      path,
      summary: `Whole records of all the user's chats${kind === "archived" ? " in the archive" : ""}, to keep or to import elsewhere; as NDJSON for whom asks for that.`,
      answer: z.array(ChatRecord),
      handle: async ({ context, identity, http }) => {
        const records = await allOf(read.exportChats(context, identity.user, kind));
        if (!asksForLines(http.req.header("accept"), context.webUi?.dialect)) return json(jsonArray(records));
        const lines = Buffer.concat(records.flatMap((record) => [record, Buffer.from("\n")]));
        return new Response(lines, { headers: { "content-type": "application/x-ndjson" } });
      },
    }),
  ),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/all/db",
    summary: "Always a 403: nobody is given other people's chats.",
    answer: z.never(),
    handle: () => {
      throw new OffstageError("forbidden", "Nobody is given other people's chats, an administrator neither.");
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/import",
    summary: "Keeps an exported chat as a new one, or several of them in `chats`.",
    body: ImportForm,
    answer: z.union([ChatRecord, z.array(ChatRecord)]),
    handle: async ({ context, identity, body }) =>
      json(
        "chats" in body && Array.isArray(body.chats)
          ? await importChats(context, identity.user, body.chats)
          : await keepPostedChat(context, identity.user, body as z.infer<typeof ImportedChat>),
      ),
  }),
];

/** 0.12.4's page reads one record a line; who names a type gets that. */
function asksForLines(accept: string | undefined, dialect: string | undefined): boolean {
  if (accept?.includes("ndjson")) return true;
  return dialect === "events" && !accept?.startsWith("application/json,") && accept !== "application/json";
}

const sharing: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/share/:shareId",
    summary: "A chat as it was when its owner shared it, for every user who has the id.",
    answer: ChatRecord,
    handle: async ({ context, params }) => json(await readShare(context, params.shareId!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/share",
    summary: "Shares a chat as it is now, or renews what is shared; answers the copy.",
    answer: ChatRecord,
    handle: async ({ context, identity, params }) =>
      json(await shareChat(context, identity.user, params.id!)),
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: "/api/v1/chats/:id/share",
    summary: "Takes back what was shared of a chat.",
    answer: z.boolean(),
    handle: async ({ context, identity, params }) =>
      json(await unshareChat(context, identity.user, params.id!)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/clone/shared",
    summary: "Makes a chat of the user's own from what somebody shared.",
    answer: ChatRecord,
    handle: async ({ context, identity, params }) =>
      json(await cloneShare(context, identity.user, params.id!)),
  }),
];

const places: Route[] = [
  ...(["archive", "unarchive"] as const).map((verb) =>
    defineRoute({
      ...about,
      method: "POST",
      path: `/api/v1/chats/${verb}/all`,
      summary: verb === "archive" ? "Archives all of the user's chats." : "Takes all chats out of the archive.",
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
    body: z.looseObject({ params: z.record(z.string(), z.unknown()) }),
    answer: z.record(z.string(), z.unknown()),
    handle: async ({ context, identity, params, body }) =>
      json(await organise.changeChatParams(context, identity.user, params.id!, body.params)),
  }),
];

const copies: Route[] = [
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/clone",
    summary: "Copies a chat with all its messages.",
    body: z.looseObject({ title: Title.nullish() }),
    answer: ChatRecord,
    handle: async ({ context, identity, params, body }) =>
      json(await cloneChat(context, identity.user, params.id!, body.title ?? undefined)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/chats/:id/fork",
    summary: "Copies a chat's branch down to a message, by default the current one.",
    body: z.looseObject({ message_id: z.string().max(256).nullish() }),
    answer: ChatRecord,
    handle: async ({ context, identity, params, body }) =>
      json(await forkChat(context, identity.user, params.id!, body.message_id ?? undefined)),
  }),
];

/** What people order their chats by. Their paths go before `chats/:id`. */
export const chatOrganisingRoutes: Route[] = [...lists, ...files, ...sharing, ...places, ...copies];
