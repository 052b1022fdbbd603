import * as z from "zod";
import { ChatRecord, PostedChat } from "../../contract/chat.ts";
import { OffstageError } from "../../errors.ts";
import { assertOwnChat } from "../use-cases/chat-access.ts";
import { cloneChat, forkChat } from "../use-cases/clone-chat.ts";
import { importChats, jsonArray, keepPostedChat } from "../use-cases/import-chats.ts";
import { exportChats, exportFolder } from "../use-cases/read-chats.ts";
import { cloneShare, readShare, shareChat, unshareChat } from "../use-cases/share-chat.ts";
import { defineRoute, json, type Route } from "./route.ts";

const about = { tag: "copies", access: "user" } as const;

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
async function allOf(records: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const list: Buffer[] = [];
  for await (const record of records) list.push(record);
  return list;
}

const files: Route[] = [
  ...(
    [
      ["/api/v1/chats/all", false],
      ["/api/v1/chats/all/archived", true],
    ] as const
  ).map(([path, archived]) =>
    defineRoute({
      ...about,
      method: "GET",
      path,
      summary: `Whole records of all the user's chats${archived ? " in the archive" : ""}, to keep or to import elsewhere; as NDJSON for whom asks for that.`,
      answer: z.array(ChatRecord),
      handle: async ({ context, identity, http }) => {
        const records = await allOf(exportChats(context, identity.user, { archived }));
        if (!http.req.header("accept")?.includes("ndjson")) return json(jsonArray(records));
        const lines = Buffer.concat(records.flatMap((record) => [record, Buffer.from("\n")]));
        return new Response(lines, { headers: { "content-type": "application/x-ndjson" } });
      },
    }),
  ),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/chats/folder/:folderId",
    summary: "Whole records of the chats of a folder, newest update first, to keep or to import elsewhere.",
    answer: z.array(ChatRecord),
    handle: async ({ context, identity, params }) =>
      json(jsonArray(await allOf(exportFolder(context, identity.user, params.folderId!)))),
  }),
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
    method: "GET",
    path: "/api/v1/chats/shared/:id/access",
    summary: "Who else may use what is shared of a chat: no list is kept, who has the id may read it.",
    answer: z.array(z.never()),
    handle: async ({ context, identity, params }) => {
      await assertOwnChat(context, identity.user, params.id!);
      return json([]);
    },
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

/** Chats that come, go and are copied. Their paths go before `chats/:id`. */
export const chatCopyRoutes: Route[] = [...files, ...sharing, ...copies];
