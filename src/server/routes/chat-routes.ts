import * as z from "zod";
import {
  ChatForm,
  ChatListItem,
  ChatRecord,
  MessageEventForm,
  MessageForm,
  Tag,
} from "../../contract/chat.ts";
import type { User } from "../context.ts";
import * as change from "../use-cases/change-chat.ts";
import { createChat } from "../use-cases/create-chat.ts";
import * as read from "../use-cases/read-chats.ts";
import { updateChat } from "../use-cases/update-chat.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

const TagForm = z.looseObject({ name: z.string().trim().min(1).max(256) });
/** A tag as its own routes list it: with its user, as the real servers do. */
const UserTag = Tag.extend({ user_id: z.string() });
const SearchQuery = PageQuery.extend({ text: z.string().max(1_000) });

const listTags = (user: User, tags: readonly object[]) =>
  json(tags.map((tag) => ({ ...tag, user_id: user.id })));

const listRoute = (path: string) =>
  defineRoute({
    method: "GET",
    path,
    summary: "The user's chats, newest update first: 60 a page, or all without `page`.",
    tag: "chats",
    access: "user",
    query: PageQuery,
    answer: z.array(ChatListItem),
    handle: async ({ context, identity, query }) =>
      json(await read.listChats(context, identity.user, query.page)),
  });

export const chatRoutes: Route[] = [
  defineRoute({
    method: "POST",
    path: "/api/v1/chats/new",
    summary: "Makes a chat (tutorial step 1); the server makes its id.",
    tag: "chats",
    access: "user",
    body: ChatForm,
    answer: ChatRecord,
    handle: async ({ context, identity, body, sender }) =>
      json(await createChat(context, identity.user, body, sender())),
  }),
  listRoute("/api/v1/chats/"),
  listRoute("/api/v1/chats/list"),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/chats/",
    summary: "Deletes all chats of the user.",
    tag: "chats",
    access: "user",
    answer: Done,
    handle: async ({ context, identity }) => {
      await change.deleteAllChats(context, identity.user);
      return json(true);
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/chats/search",
    summary: "The user's chats with the text in their title or in a message.",
    tag: "chats",
    access: "user",
    query: SearchQuery,
    answer: z.array(ChatListItem),
    handle: async ({ context, identity, query }) =>
      json(await read.searchChats(context, identity.user, query.text, query.page)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/chats/all/tags",
    summary: "Every tag of the user's chats.",
    tag: "chats",
    access: "user",
    answer: z.array(UserTag),
    handle: async ({ context, identity }) =>
      listTags(identity.user, await read.listAllTags(context, identity.user)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/chats/:id",
    summary: "A chat with all its messages (tutorial steps 5 and 7).",
    tag: "chats",
    access: "user",
    answer: ChatRecord,
    handle: async ({ context, identity, params, sender }) =>
      json(await read.readChat(context, identity.user, params.id!, sender)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/chats/:id",
    summary: "Merges a post into a chat (tutorial step 3 and 'send additional messages').",
    tag: "chats",
    access: "user",
    body: ChatForm,
    answer: ChatRecord,
    handle: async ({ context, identity, params, body, sender }) =>
      json(await updateChat(context, identity.user, params.id!, body, sender())),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/chats/:id",
    summary: "Deletes a chat for good; what is being answered in it is stopped.",
    tag: "chats",
    access: "user",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await change.deleteChat(context, identity.user, params.id!);
      return json(true);
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/chats/:id/tags",
    summary: "A chat's tags.",
    tag: "chats",
    access: "user",
    answer: z.array(UserTag),
    handle: async ({ context, identity, params }) =>
      listTags(identity.user, await read.listChatTags(context, identity.user, params.id!)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/chats/:id/tags",
    summary: "Adds a tag to a chat.",
    tag: "chats",
    access: "user",
    body: TagForm,
    answer: z.array(UserTag),
    handle: async ({ context, identity, params, body }) =>
      listTags(identity.user, await change.addTag(context, identity.user, params.id!, body.name)),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/chats/:id/tags",
    summary: "Removes a tag from a chat.",
    tag: "chats",
    access: "user",
    body: TagForm,
    answer: z.array(UserTag),
    handle: async ({ context, identity, params, body }) =>
      listTags(identity.user, await change.removeTag(context, identity.user, params.id!, body.name)),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/chats/:id/tags/all",
    summary: "Removes all tags from a chat.",
    tag: "chats",
    access: "user",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await change.removeAllTags(context, identity.user, params.id!);
      return json(true);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/chats/:id/messages/:messageId",
    summary: "Gives a message another text, and shows it in open pages.",
    tag: "chats",
    access: "user",
    body: MessageForm,
    answer: ChatRecord,
    handle: async ({ context, identity, params, body }) => {
      const ids = { chatId: params.id!, messageId: params.messageId! };
      await change.editMessage(context, identity.user, ids, body.content);
      return json(await read.readChat(context, identity.user, params.id!));
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/chats/:id/messages/:messageId/event",
    summary:
      "Shows an event of a message in open pages; `status`, `message`, `replace`, `files`, `source` are kept.",
    tag: "chats",
    access: "user",
    body: MessageEventForm,
    answer: Done,
    handle: async ({ context, identity, params, body }) => {
      const ids = { chatId: params.id!, messageId: params.messageId! };
      await change.postMessageEvent(context, identity.user, ids, body);
      return json(true);
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/chats/:id/messages/:messageId",
    summary: "Deletes a message with all that follows it.",
    tag: "chats",
    access: "user",
    answer: ChatRecord,
    handle: async ({ context, identity, params }) => {
      await change.deleteMessage(context, identity.user, {
        chatId: params.id!,
        messageId: params.messageId!,
      });
      return json(await read.readChat(context, identity.user, params.id!));
    },
  }),
];
