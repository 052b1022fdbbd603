import type { ChatListItem, PostedChat } from "../contract/chat.ts";
import { filledString } from "../contract/json-shape.ts";
import { chatAnswer, recordAnswer, rowsAnswer } from "./answer-shapes.ts";
import type { CallOptions, OpenWebUiClient, RepeatableCallOptions } from "./client-interface.ts";
import { type Call, pathSegment, type Transport } from "./transport.ts";

type ChatCalls = Pick<
  OpenWebUiClient,
  | "createChat"
  | "getChat"
  | "getChatRecord"
  | "updateChat"
  | "renameChat"
  | "deleteChat"
  | "listChats"
  | "allChats"
  | "searchChats"
  | "listChatTags"
  | "addChatTag"
  | "removeChatTag"
  | "updateMessage"
  | "deleteMessage"
  | "postMessageEvent"
>;

const CHATS = "/api/v1/chats";

/** The calls about chats and their messages. */
export function createChatCalls(transport: Transport): ChatCalls {
  const chatPath = (chatId: string, rest = "") => `${CHATS}/${pathSegment(chatId)}${rest}`;
  const messagePath = (chatId: string, messageId: string, rest = "") =>
    chatPath(chatId, `/messages/${pathSegment(messageId)}${rest}`);
  const done = async (call: Call, options?: RepeatableCallOptions) => {
    await transport.json({ ...call, repeatable: options?.repeatable ?? call.repeatable ?? false }, options);
  };
  const listChats = async (options: CallOptions & { page?: number } = {}) =>
    chatRows(await transport.json({ method: "GET", path: `${CHATS}/?page=${options.page ?? 1}` }, options));
  const updateChat = async (chatId: string, chat: PostedChat, options: RepeatableCallOptions = {}) =>
    chatAnswer(
      await transport.json(
        { method: "POST", path: chatPath(chatId), body: { chat }, repeatable: options.repeatable ?? false },
        options,
      ),
    );

  return {
    createChat: async (chat, options) =>
      chatAnswer(await transport.json({ method: "POST", path: `${CHATS}/new`, body: { chat } }, options)),
    getChat: async (chatId, options) =>
      chatAnswer(await transport.json({ method: "GET", path: chatPath(chatId) }, options)),
    getChatRecord: async (chatId, options) =>
      recordAnswer("such chat", await transport.json({ method: "GET", path: chatPath(chatId) }, options)),
    updateChat,
    renameChat: (chatId, title, options) => updateChat(chatId, { title }, { ...options, repeatable: true }),
    deleteChat: (chatId, options) => done({ method: "DELETE", path: chatPath(chatId) }, options),
    listChats,
    async *allChats(options) {
      for (let page = 1; ; page++) {
        const rows = await listChats({ ...options, page });
        if (rows.length === 0) return;
        yield* rows;
      }
    },
    searchChats: async (text, options) => {
      const query = new URLSearchParams({ text, page: String(options?.page ?? 1) });
      return chatRows(await transport.json({ method: "GET", path: `${CHATS}/search?${query}` }, options));
    },
    listChatTags: async (chatId, options) =>
      rowsAnswer(
        "the tags of a chat",
        await transport.json({ method: "GET", path: chatPath(chatId, "/tags") }, options),
      ).map((tag) => filledString(tag.name) ?? tag.id),
    addChatTag: (chatId, name, options) =>
      done({ method: "POST", path: chatPath(chatId, "/tags"), body: { name }, repeatable: true }, options),
    removeChatTag: (chatId, name, options) =>
      done({ method: "DELETE", path: chatPath(chatId, "/tags"), body: { name }, repeatable: true }, options),

    updateMessage: (chatId, messageId, content, options) =>
      done({ method: "POST", path: messagePath(chatId, messageId), body: { content } }, options),
    deleteMessage: (chatId, messageId, options) =>
      done({ method: "DELETE", path: messagePath(chatId, messageId) }, options),
    postMessageEvent: (chatId, messageId, event, options) =>
      done({ method: "POST", path: messagePath(chatId, messageId, "/event"), body: event }, options),
  };
}

function chatRows(body: unknown): ChatListItem[] {
  return rowsAnswer("a list of chats", body).map((row) => ({
    ...row,
    title: filledString(row.title) ?? "",
    created_at: Number(row.created_at ?? 0),
    updated_at: Number(row.updated_at ?? 0),
  }));
}
