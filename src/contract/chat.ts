import * as z from "zod";
import { Id } from "./ids.ts";
import { WireHistory, WireMessage } from "./message.ts";

/** Tutorial 'Tag DTO'. On input a bare name is a tag too. */
export const Tag = z
  .looseObject({ id: z.string().max(256), name: z.string().max(256), color: z.string().max(64).optional() })
  .meta({ id: "Tag", description: "Tag DTO (tutorial)" });
export type Tag = z.infer<typeof Tag>;

/** A file or collection that a chat or a completion names. Its content is never sent along. */
export const FileReference = z
  .looseObject({
    id: Id.optional(),
    type: z.string().max(64).optional(),
    /** Clients that put a whole file record here say `true`. */
    status: z.union([z.string().max(64), z.boolean()]).optional(),
    name: z.string().max(1024).optional(),
  })
  .meta({
    id: "FileReference",
    description: "A file or a knowledge collection named by a chat or a completion",
  });
export type FileReference = z.infer<typeof FileReference>;

/**
 * Tutorial 'Chat DTO' as posted to `chats/new` and `chats/{id}`. The tutorial requires `title`, `models` and
 * `messages`; here even these are defaulted, and without `history` the tree comes from `messages[]` in order.
 */
export const PostedChat = z
  .looseObject({
    id: z.string().max(256).nullish(),
    title: z.string().max(4096).nullish(),
    models: z.array(z.string().max(1024)).max(256).nullish(),
    files: z.array(FileReference).max(10_000).nullish(),
    tags: z
      .array(z.union([Tag, z.string().max(256)]))
      .max(1_000)
      .nullish(),
    params: z.record(z.string(), z.unknown()).nullish(),
    timestamp: z.number().nullish(),
    messages: z.array(WireMessage).max(100_000).nullish(),
    history: WireHistory.nullish(),
    currentId: Id.nullish(),
    current_id: Id.nullish(),
  })
  .meta({ id: "ChatForm", description: "Chat DTO as posted (tutorial)" });
export type PostedChat = z.infer<typeof PostedChat>;

/** Body of `POST chats/new` and `POST chats/{id}`: the chat in an envelope. */
export const ChatForm = z
  .looseObject({ chat: PostedChat, folder_id: z.string().max(256).nullish() })
  .meta({ id: "ChatEnvelope" });
export type ChatForm = z.infer<typeof ChatForm>;

/** Tutorial 'Chat DTO (Complete Structure)': what `.chat` of every answer holds. */
export const ChatDto = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    models: z.array(z.string()),
    files: z.array(FileReference),
    tags: z.array(Tag),
    params: z.record(z.string(), z.unknown()),
    timestamp: z.number(),
    messages: z.array(WireMessage),
    history: WireHistory,
    currentId: z.string().nullable(),
  })
  .meta({ id: "Chat", description: "Chat DTO, complete structure (tutorial)" });
export type ChatDto = z.infer<typeof ChatDto>;

/**
 * What `chats/new`, `GET chats/{id}` and `POST chats/{id}` answer: Open WebUI's record (times in seconds) with the
 * tutorial's Create Chat Response (`success`, `chat`) in it.
 */
export const ChatRecord = z
  .looseObject({
    success: z.literal(true).optional(),
    id: z.string(),
    user_id: z.string(),
    title: z.string(),
    chat: ChatDto,
    created_at: z.number(),
    updated_at: z.number(),
    share_id: z.string().nullable(),
    archived: z.boolean(),
    pinned: z.boolean(),
    meta: z.record(z.string(), z.unknown()),
    folder_id: z.string().nullable(),
  })
  .meta({ id: "ChatRecord", description: "A chat's record; times in seconds" });
export type ChatRecord = z.infer<typeof ChatRecord>;

/** One row of a chat list; times in seconds. */
export const ChatListItem = z
  .looseObject({
    id: z.string(),
    title: z.string(),
    updated_at: z.number(),
    created_at: z.number(),
    last_read_at: z.number().nullish(),
    active: z.boolean().optional(),
    archived: z.boolean().optional(),
  })
  .meta({ id: "ChatListItem" });
export type ChatListItem = z.infer<typeof ChatListItem>;

/** Body of `POST chats/{id}/messages/{message_id}`. */
export const MessageForm = z.looseObject({ content: z.string() }).meta({ id: "MessageForm" });

/** Body of `POST chats/{id}/messages/{message_id}/event`: a live event, kept where its type is one that is kept. */
export const MessageEventForm = z
  .looseObject({ type: z.string().min(1).max(128), data: z.unknown() })
  .meta({ id: "MessageEventForm" });
