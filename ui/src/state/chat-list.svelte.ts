import type { ObservedEvent } from "../../../src/contract/observed-event.ts";
import { request } from "../api/request.ts";
import type { ChatRow, Folder } from "../api/shapes.ts";

const PAGE = 60;
/** Changes that come together are read together. */
const REREAD_AFTER_MS = 150;

/** The user's chats as the sidebar shows them: pinned ones, folders, and the rest by pages, newest update first. */
class ChatList {
  #rows = $state.raw<ChatRow[]>([]);
  #pinned = $state.raw<ChatRow[]>([]);
  folders = $state.raw<Folder[]>([]);
  isLoaded = $state(false);
  hasMore = $state(false);
  /** The chats of folders that are shown open. */
  inFolder = $state.raw<ReadonlyMap<string, ChatRow[]>>(new Map());
  /** Chats in which something is being answered. */
  answering = $state.raw<ReadonlySet<string>>(new Set());
  #hidden = $state.raw<ReadonlySet<string>>(new Set());
  #pages = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly rows = $derived(this.#rows.filter(({ id }) => !this.#hidden.has(id)));
  readonly pinned = $derived(this.#pinned.filter(({ id }) => !this.#hidden.has(id)));

  /** Reads all pages that are shown, again. @throws RequestFailed */
  async load(): Promise<void> {
    const numbers = Array.from({ length: this.#pages }, (_, index) => index + 1);
    const [pinned, folders, ...pages] = await Promise.all([
      request<ChatRow[]>("GET", "/api/v1/chats/pinned"),
      request<Folder[]>("GET", "/api/v1/folders/"),
      ...numbers.map((page) => request<ChatRow[]>("GET", "/api/v1/chats/", { query: { page } })),
    ]);
    this.#pinned = pinned;
    this.folders = folders;
    this.#rows = unique(pages.flat());
    this.hasMore = pages.at(-1)!.length === PAGE;
    this.inFolder = await readFolders(folders.filter((folder) => folder.is_expanded));
    this.isLoaded = true;
    const active = [...pinned, ...this.#rows].filter((row) => row.active).map(({ id }) => id);
    this.answering = new Set(active);
  }

  async loadMore(): Promise<void> {
    if (!this.hasMore) return;
    const rows = await request<ChatRow[]>("GET", "/api/v1/chats/", { query: { page: this.#pages + 1 } });
    this.#pages += 1;
    this.#rows = unique([...this.#rows, ...rows]);
    this.hasMore = rows.length === PAGE;
  }

  hear(event: ObservedEvent): void {
    if (event.type === "chat-active") {
      const answering = new Set(this.answering);
      if (event.active) answering.add(event.chatId);
      else answering.delete(event.chatId);
      this.answering = answering;
    } else if (event.type === "title-made") {
      this.change(event.chatId, { title: event.title });
    } else if (event.type === "chat-list-changed") {
      this.reread();
    }
  }

  /** Changes a row at once; the server's word follows. */
  change(id: string, fields: Partial<ChatRow>): void {
    const changed = (row: ChatRow) => (row.id === id ? { ...row, ...fields } : row);
    this.#rows = this.#rows.map(changed);
    this.#pinned = this.#pinned.map(changed);
  }

  changeFolder(id: string, fields: Partial<Folder>): void {
    this.folders = this.folders.map((folder) => (folder.id === id ? { ...folder, ...fields } : folder));
  }

  /** Shows a chat no more, whatever the server says of it, until that is taken back. */
  hide(id: string): void {
    this.#hidden = new Set([...this.#hidden, id]);
  }

  unhide(id: string): void {
    this.#hidden = new Set([...this.#hidden].filter((hidden) => hidden !== id));
  }

  remove(id: string): void {
    this.#rows = this.#rows.filter((row) => row.id !== id);
    this.#pinned = this.#pinned.filter((row) => row.id !== id);
  }

  /** Every chat that was read into the list. */
  known(): ChatRow[] {
    return [this.#pinned, this.#rows, ...this.inFolder.values()].flat();
  }

  /** Reads the list again soon. */
  reread(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.load().catch(() => undefined), REREAD_AFTER_MS);
  }

  isUnread(row: ChatRow): boolean {
    return row.last_read_at != null && row.updated_at > row.last_read_at;
  }
}

async function readFolders(folders: readonly Folder[]): Promise<ReadonlyMap<string, ChatRow[]>> {
  const entries = folders.map(async ({ id }) => {
    const path = `/api/v1/chats/folder/${encodeURIComponent(id)}/list`;
    return [id, await request<ChatRow[]>("GET", path)] as const;
  });
  return new Map(await Promise.all(entries));
}

function unique(rows: ChatRow[]): ChatRow[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

export const chatList = new ChatList();
