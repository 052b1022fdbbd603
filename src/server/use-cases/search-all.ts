import type { Context, User } from "../context.ts";
import type { ChatSummary } from "../store/store.ts";
import { findChats } from "./read-chats.ts";
import { parseSearch } from "./search-query.ts";

const PAGE_SIZE = 24;
const SNIPPET_LENGTH = 200;

/** What is looked for, and where. */
export interface SearchInput {
  text: string;
  page: number;
  /** Only chats in this folder; null for all. */
  folderId: string | null;
}

/** The user's chats that words and filters find in their title or in a message, 24 a page, each with a passage around it. */
export async function searchAll(context: Context, user: User, { text, page, folderId }: SearchInput) {
  const { store } = context;
  const place = { limit: PAGE_SIZE + 1, offset: (page - 1) * PAGE_SIZE };
  const found =
    text === ""
      ? await store.chats.listChats(store.read, { ...place, userId: user.id, archived: false, pinned: "any" })
      : await findChats(context, user, text, place);
  const needle = parseSearch(text).text.toLowerCase();
  const wanted = found.slice(0, PAGE_SIZE).filter((chat) => folderId === null || chat.folder_id === folderId);
  const [folders, passages] = await Promise.all([
    store.folders.listFolders(store.read, user.id),
    passagesOf(context, wanted, needle),
  ]);
  return {
    items: wanted.map((chat) => resultOf(chat, excerpt(passages.get(chat.id) ?? "", needle))),
    has_more: found.length > PAGE_SIZE,
    scopes: folders.map(({ id, name }) => ({ id: `folder:${id}`, name, kind: "folder" })),
    kinds: ["chat"],
  };
}

/** The message in each chat that holds what was looked for; the first one where only the title does. */
async function passagesOf({ store }: Context, chats: readonly ChatSummary[], needle: string) {
  const chatIds = chats.map(({ id }) => id);
  const found = await store.chats.findPassages({ chatIds, text: needle });
  const others = chatIds.filter((id) => !found.has(id));
  if (others.length === 0 || needle === "") return found;
  return new Map([...found, ...(await store.chats.findPassages({ chatIds: others, text: "" }))]);
}

function resultOf(chat: ChatSummary, snippet: string) {
  return {
    id: chat.id,
    kind: "chat",
    title: chat.title,
    context: "",
    snippet,
    preview: snippet,
    url: `/c/${chat.id}`,
    updated_at: chat.updated_at_sec,
    shared: false,
    pinned: false,
  };
}

/** A stretch of a text around what was looked for. */
function excerpt(text: string, needle: string): string {
  const start = Math.max(0, text.toLowerCase().indexOf(needle) - SNIPPET_LENGTH / 4);
  const part = text.slice(start, start + SNIPPET_LENGTH).trim();
  return `${start > 0 ? "…" : ""}${part}${start + SNIPPET_LENGTH < text.length ? "…" : ""}`;
}
