import type { Socket } from "socket.io-client";
import { createLiveDecoder } from "../../../src/contract/live-decoding.ts";
import type { ObservedEvent } from "../../../src/contract/observed-event.ts";

/** Hears what happens in the user's chats. What was missed while it was away is read from the chats. */
export class LiveConnection {
  /** False from a loss until the server knows again who listens. */
  isConnected = $state(false);
  /** True once a connection was lost for longer than a blink. */
  isAway = $state(false);
  #socket: Socket | null = null;
  /** Grows with each opening and closing: what was begun before is then out of date. */
  #openings = 0;
  /** The chat that was seen before there was a socket to tell it. */
  #readBefore: string | null = null;
  #awayTimer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<(event: ObservedEvent) => void>();
  #onConnect = new Set<(isFirst: boolean) => void>();

  /** Names this page to the server; empty while not connected. */
  get sessionId(): string {
    return this.#socket?.id ?? "";
  }

  listen(listener: (event: ObservedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back each time that events begin to come: what happened before was missed. */
  whenConnected(listener: (isFirst: boolean) => void): () => void {
    this.#onConnect.add(listener);
    return () => this.#onConnect.delete(listener);
  }

  /** Its code comes beside what the page shows first. */
  async open(): Promise<void> {
    if (this.#socket) return;
    const opening = ++this.#openings;
    try {
      const { io } = await import("socket.io-client");
      if (opening === this.#openings)
        this.#connect(io({ path: "/ws/socket.io", transports: ["websocket"], auth: { dialect: "events" } }));
    } catch {
      if (opening !== this.#openings) return;
      this.#lose();
      setTimeout(() => {
        if (opening === this.#openings) void this.open();
      }, RETRY_AFTER_MS);
    }
  }

  #connect(socket: Socket): void {
    this.#socket = socket;
    let wasConnected = false;
    let decode = createLiveDecoder();
    socket.on("connect", () => {
      // The cookie in the handshake says who listens; the acknowledgement says that the server has read it.
      socket.emit("user-join", {}, (user: unknown) => {
        if (!user) return;
        clearTimeout(this.#awayTimer);
        this.isConnected = true;
        this.isAway = false;
        for (const listener of this.#onConnect) listener(!wasConnected);
        wasConnected = true;
      });
    });
    const lost = () => {
      decode = createLiveDecoder();
      this.#lose();
    };
    socket.on("disconnect", lost);
    socket.on("connect_error", lost);
    socket.on("events", (wireEvent: unknown) => {
      for (const event of decode(wireEvent)) for (const listener of this.#listeners) listener(event);
    });
    if (this.#readBefore) this.markRead(this.#readBefore);
  }

  #lose(): void {
    this.isConnected = false;
    clearTimeout(this.#awayTimer);
    this.#awayTimer = setTimeout(() => {
      this.isAway = true;
    }, AWAY_AFTER_MS);
  }

  /** Tells the server that the user sees a chat now. */
  markRead(chatId: string): void {
    if (this.#socket) this.#socket.emit("events:chat", { chat_id: chatId, data: { type: "last_read_at" } });
    else this.#readBefore = chatId;
  }

  close(): void {
    this.#openings += 1;
    this.#readBefore = null;
    clearTimeout(this.#awayTimer);
    this.#socket?.disconnect();
    this.#socket = null;
    this.isConnected = false;
    this.isAway = false;
  }
}

/** Shorter losses heal before anybody has to know. */
const AWAY_AFTER_MS = 1_500;
const RETRY_AFTER_MS = 5_000;
