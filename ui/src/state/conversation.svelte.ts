import { SvelteMap } from "svelte/reactivity";
import type { ObservedEvent } from "../../../src/contract/observed-event.ts";
import { request } from "../api/request.ts";
import type { ChatRecord, WireFile, WireMessage } from "../api/shapes.ts";
import { Message } from "./message.svelte.ts";

/** A question with the answers that stand beside each other under it, or a message without either. */
export interface TurnView {
  id: string;
  question: Message | null;
  /** One for each model that was asked, in their order; of each the answer that was looked at last. */
  answers: Message[];
}

/**
 * An open chat: the forest of its messages, kept up to date by live events (old chat and events together make the fresh
 * chat) and by reading it anew where events may have been missed.
 */
export class Conversation {
  readonly id: string;
  title = $state("");
  tags = $state.raw<{ id: string; name: string }[]>([]);
  models = $state.raw<string[]>([]);
  params = $state.raw<Record<string, unknown>>({});
  files = $state.raw<WireFile[]>([]);
  isPinned = $state(false);
  isArchived = $state(false);
  folderId = $state<string | null>(null);
  shareId = $state<string | null>(null);
  currentId = $state<string | null>(null);
  isLoaded = $state(false);
  /** Seconds; when the server last changed it, as it was read. */
  updatedAt = 0;
  readonly messages = new SvelteMap<string, Message>();
  #reading: Promise<void> | null = null;
  /** Something may have happened since the reading began. */
  #isOutdated = false;

  constructor(id: string) {
    this.id = id;
  }

  /** The messages from the root down to the current one. */
  readonly branch = $derived.by(() => {
    const branch: Message[] = [];
    const seen = new Set<string>();
    let message = this.currentId === null ? undefined : this.messages.get(this.currentId);
    while (message && !seen.has(message.id)) {
      seen.add(message.id);
      branch.push(message);
      message = message.parentId === null ? undefined : this.messages.get(message.parentId);
    }
    return branch.reverse();
  });

  readonly turns = $derived.by(() => {
    const turns: TurnView[] = [];
    for (const message of this.branch) {
      const last = turns.at(-1);
      if (message.role === "assistant" && last && last.answers.length === 0 && last.question) {
        last.answers = this.#besides(last.question, message);
      } else if (message.role === "assistant") {
        turns.push({ id: message.id, question: null, answers: [message] });
      } else {
        turns.push({ id: message.id, question: message, answers: [] });
      }
    }
    return turns;
  });

  readonly isAnswering = $derived(
    this.branch.some((message) => !message.isDone) ||
      (this.turns.at(-1)?.answers.some((answer) => !answer.isDone) ?? false),
  );

  /** A question put to several models shows an answer of each; of one model's several answers, the current or newest. */
  #besides(question: Message, current: Message): Message[] {
    if (question.models.length < 2) return [current];
    const columns = new Map<string, Message>();
    for (const id of question.childrenIds) {
      const child = this.messages.get(id);
      if (child?.role !== "assistant") continue;
      const column = `${child.modelIdx} ${child.model}`;
      if (columns.get(column) !== current) columns.set(column, child);
    }
    return [...columns.values()].sort((one, other) => one.modelIdx - other.modelIdx);
  }

  /** The messages among which one can switch at a message's place, itself among them. */
  siblingsOf(message: Message): Message[] {
    const ids = message.parentId === null ? this.#rootIds : this.messages.get(message.parentId)?.childrenIds;
    const parent = message.parentId === null ? undefined : this.messages.get(message.parentId);
    const isBeside = (parent?.models.length ?? 0) > 1;
    return (ids ?? []).flatMap((id) => {
      const sibling = this.messages.get(id);
      if (!sibling || sibling.role !== message.role) return [];
      if (isBeside && (sibling.modelIdx !== message.modelIdx || sibling.model !== message.model)) return [];
      return [sibling];
    });
  }

  readonly #rootIds = $derived(
    [...this.messages.values()].filter(({ parentId }) => parentId === null).map(({ id }) => id),
  );

  /** The end of the branch that goes on below a message: always along the newest child. */
  leafOf(message: Message): Message {
    let leaf = message;
    for (;;) {
      const next = this.messages.get(leaf.childrenIds.at(-1) ?? "");
      if (!next || next === leaf) return leaf;
      leaf = next;
    }
  }

  /** Reads the chat anew; a call while it is being read has it read once more. @throws RequestFailed */
  load(): Promise<void> {
    if (this.#reading) this.#isOutdated = true;
    this.#reading ??= this.#readUntilFresh().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readUntilFresh(): Promise<void> {
    do {
      this.#isOutdated = false;
      await this.#read();
    } while (this.#isOutdated);
  }

  async #read(): Promise<void> {
    const record = await request<ChatRecord>("GET", `/api/v1/chats/${encodeURIComponent(this.id)}`);
    const { chat } = record;
    this.title = record.title;
    this.updatedAt = record.updated_at;
    this.tags = chat.tags ?? [];
    this.models = chat.models ?? [];
    this.params = chat.params ?? {};
    this.files = chat.files ?? [];
    this.isPinned = record.pinned;
    this.isArchived = record.archived;
    this.folderId = record.folder_id;
    this.shareId = record.share_id;
    const { messages, currentId } = chat.history;
    for (const id of this.messages.keys()) if (!(id in messages)) this.messages.delete(id);
    this.takeIn(messages, currentId);
    this.isLoaded = true;
  }

  /** Takes over messages as the server sends them, whole or in part. */
  takeIn(messages: Record<string, Partial<WireMessage>>, currentId: string | null): void {
    for (const [id, wire] of Object.entries(messages)) {
      const known = this.messages.get(id);
      const message = known ?? new Message(id);
      message.read(wire);
      if (!known) this.messages.set(id, message);
    }
    for (const id of Object.keys(messages)) this.#link(this.messages.get(id)!);
    if (currentId !== null) this.currentId = currentId;
  }

  /** Takes back messages that the server did not take. */
  forget(ids: readonly string[], currentId: string | null): void {
    for (const id of ids) this.messages.delete(id);
    for (const message of this.messages.values()) {
      if (message.childrenIds.some((id) => ids.includes(id)))
        message.change({ childrenIds: message.childrenIds.filter((id) => !ids.includes(id)) });
    }
    this.currentId = currentId;
  }

  #link(message: Message): void {
    const parent = message.parentId === null ? undefined : this.messages.get(message.parentId);
    if (parent && !parent.childrenIds.includes(message.id))
      parent.change({ childrenIds: [...parent.childrenIds, message.id] });
  }

  /** Applies a live event of this chat. An event of a message that is not known yet has the chat read anew. */
  hear(event: ObservedEvent): void {
    // What is being read may be from before the event; growing text is told again, all else is not.
    if (this.#reading && event.type !== "answer-delta" && event.type !== "answer-reasoning")
      this.#isOutdated = true;
    if (event.type === "title-made") {
      this.title = event.title;
      return;
    }
    if (event.type === "tags-made") {
      this.tags = event.tags.map((name) => ({ id: name, name }));
      return;
    }
    if (event.type === "other" && event.event.type === "chat:messages") {
      const { messages = {}, currentId = null } = event.event.data as {
        messages?: Record<string, Partial<WireMessage>>;
        currentId?: string | null;
      };
      this.takeIn(messages, currentId);
      return;
    }
    if (event.type === "chat-list-changed" || event.type === "chat-active" || event.messageId === "") return;
    const message = this.messages.get(event.messageId);
    if (message) this.#hearOf(message, event);
    else void this.load().catch(() => undefined);
  }

  #hearOf(message: Message, event: ObservedEvent): void {
    switch (event.type) {
      case "answer-delta":
        message.isDone = false;
        if (event.delta !== "" && message.text.length + event.delta.length === event.snapshot.length)
          message.text += event.delta;
        else message.text = event.snapshot;
        return;
      case "answer-reasoning":
        message.isDone = false;
        message.reasoning = event.snapshot;
        return;
      case "answer-sources":
        message.change({ sources: [...message.sources, ...(event.sources as Message["sources"])] });
        return;
      case "answer-status":
        message.addStatus(event.status);
        return;
      case "answer-usage":
        message.change({ usage: event.usage });
        return;
      case "follow-ups-made":
        message.change({ followUps: event.followUps });
        return;
      case "answer-finished":
        if (event.text !== null) message.text = event.text;
        if (event.title) this.title = event.title;
        // An end may be told twice, the error with the first only.
        if (event.error || !message.isDone) message.change({ error: event.error?.content ?? null });
        message.isDone = true;
        return;
    }
  }
}
