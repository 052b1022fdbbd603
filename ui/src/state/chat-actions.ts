import { request } from "../api/request.ts";
import type { ChatRow } from "../api/shapes.ts";
import { text } from "../text.ts";
import { attempt } from "./attempt.ts";
import { chatList } from "./chat-list.svelte.ts";
import type { Conversation } from "./conversation.svelte.ts";
import { notices } from "./notices.svelte.ts";
import { openChats } from "./open-chats.svelte.ts";
import { route } from "./route.svelte.ts";

const pathOf = (id: string) => `/api/v1/chats/${encodeURIComponent(id)}`;

export function renameChat(row: ChatRow, title: string): Promise<void> {
  chatList.change(row.id, { title });
  openChats.of(row.id).title = title;
  return attempt(
    () => request("POST", pathOf(row.id), { body: { chat: { title } } }),
    () => void renameChat(row, title),
  );
}

export function pinChat(row: ChatRow, isPinned: boolean): Promise<void> {
  return attempt(
    async () => {
      // The route turns the pin round; another tab may have done so already.
      const pinned = await request<boolean>("GET", `${pathOf(row.id)}/pinned`);
      if (Boolean(pinned) !== isPinned) await request("POST", `${pathOf(row.id)}/pin`);
    },
    () => void pinChat(row, isPinned),
  );
}

export function archiveChat(row: ChatRow): Promise<void> {
  chatList.remove(row.id);
  if (route.chatId === row.id) route.go("/");
  return attempt(
    async () => {
      await request("POST", `${pathOf(row.id)}/archive`);
      notices.say(text.sidebar.archived, {
        label: text.undo,
        run: () =>
          void attempt(
            () => request("POST", `${pathOf(row.id)}/archive`),
            () => undefined,
          ),
      });
    },
    () => void archiveChat(row),
  );
}

/** Makes a second chat with the same messages, and shows it. */
export function copyChat(row: ChatRow): Promise<void> {
  return attempt(
    async () => {
      const { id } = await request<ChatRow>("POST", `${pathOf(row.id)}/clone`, { body: {} });
      route.go(`/c/${id}`);
    },
    () => void copyChat(row),
  );
}

/** Changes a chat's system prompt and parameters; null takes one away. */
export function changeParams(conversation: Conversation, params: Record<string, unknown>): Promise<void> {
  const former = conversation.params;
  conversation.params = params;
  return attempt(
    async () => {
      try {
        await request("PATCH", `${pathOf(conversation.id)}/params`, { body: params });
      } catch (error) {
        conversation.params = former;
        throw error;
      }
    },
    () => void changeParams(conversation, params),
  );
}

/** How long a deletion can be taken back before the server is told. */
const UNDO_MS = 6_000;

/** Takes a chat out of the list at once and deletes it once the time to take that back is over. */
export function deleteChat(row: ChatRow): void {
  chatList.hide(row.id);
  if (route.chatId === row.id) route.go("/");
  const forGood = () => {
    removeEventListener("pagehide", forGood);
    clearTimeout(timer);
    openChats.forget(row.id);
    void attempt(
      () => request("DELETE", pathOf(row.id)),
      () => deleteChat(row),
    ).finally(() => chatList.unhide(row.id));
  };
  const timer = setTimeout(forGood, UNDO_MS);
  addEventListener("pagehide", forGood);
  notices.say(
    text.sidebar.deleted(row.title),
    {
      label: text.undo,
      run: () => {
        clearTimeout(timer);
        removeEventListener("pagehide", forGood);
        chatList.unhide(row.id);
      },
    },
    UNDO_MS,
  );
}
