import type { ObservedEvent } from "../../../src/contract/observed-event.ts";
import type { ChatRow } from "../api/shapes.ts";
import { Conversation } from "./conversation.svelte.ts";

/** Chats that were opened last stay in memory and up to date, so that going back to one shows it at once. */
const KEPT = 5;

/** Longer than a page takes to hear its first event, and than clocks differ. */
const RECENT_SEC = 10;

class OpenChats {
  #chats = new Map<string, Conversation>();

  /** The chat, which may still have to be loaded. */
  of(id: string): Conversation {
    const conversation = this.#chats.get(id) ?? new Conversation(id);
    this.#chats.delete(id);
    this.#chats.set(id, conversation);
    if (this.#chats.size > KEPT) this.#chats.delete(this.#chats.keys().next().value!);
    return conversation;
  }

  hear(event: ObservedEvent): void {
    this.#chats.get(event.chatId)?.hear(event);
  }

  /** Reads anew what events may have been missed of: all, or those that something happened in a moment ago. */
  reread({ onlyRecent }: { onlyRecent: boolean }): void {
    const recentSec = Date.now() / 1000 - RECENT_SEC;
    for (const conversation of this.#chats.values()) {
      const isRecent = conversation.isAnswering || conversation.updatedAt > recentSec;
      // One that cannot be read now says so when it is opened.
      if (conversation.isLoaded && (isRecent || !onlyRecent)) void conversation.load().catch(() => undefined);
    }
  }

  /** Reads what the list knows to be newer. */
  catchUp(rows: readonly ChatRow[]): void {
    for (const { id, updated_at } of rows) {
      const conversation = this.#chats.get(id);
      if (conversation?.isLoaded && conversation.updatedAt < updated_at)
        void conversation.load().catch(() => undefined);
    }
  }

  forget(id: string): void {
    this.#chats.delete(id);
  }
}

export const openChats = new OpenChats();
