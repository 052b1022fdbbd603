import { io, type Socket } from "socket.io-client";
import type { Json } from "./http.ts";

/** One live event about a chat, as it came. */
export interface ChatEvent {
  /** The socket.io event: `chat-events` for 0.6.15's pages, `events` for 0.12.4's. */
  dialect: "chat-events" | "events";
  chatId: string;
  messageId: string | null;
  type: string;
  data: Json;
  /** Characters of the event as JSON. */
  size: number;
}

/** A web UI's tab: one socket that collects what it is told. */
export interface Tab {
  socket: Socket;
  sessionId: string;
  events: ChatEvent[];
  /** Resolves with the first event, past or coming, that fits. Rejects after `timeoutMs`. */
  waitFor(fits: (event: ChatEvent) => boolean, timeoutMs?: number): Promise<ChatEvent>;
  /** Events of one dialect about one message. */
  about(messageId: string, dialect?: ChatEvent["dialect"]): ChatEvent[];
  close(): void;
}

/** Connects to a server's socket at Open WebUI's path; resolves once connected. */
export async function openTab(
  baseUrl: string,
  token: string,
  auth: Record<string, unknown> = {},
): Promise<Tab> {
  const socket = io(baseUrl, {
    path: "/ws/socket.io",
    transports: ["websocket"],
    auth: { token, ...auth },
    reconnection: false,
    forceNew: true,
  });
  const events: ChatEvent[] = [];
  const waiting = new Set<(event: ChatEvent) => void>();
  socket.onAny((name: string, envelope: Json) => {
    if (name !== "chat-events" && name !== "events") return;
    const event: ChatEvent = {
      dialect: name,
      chatId: envelope?.chat_id,
      messageId: envelope?.message_id ?? null,
      type: envelope?.data?.type,
      data: envelope?.data?.data,
      size: JSON.stringify(envelope).length,
    };
    events.push(event);
    for (const check of waiting) check(event);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return {
    socket,
    sessionId: socket.id!,
    events,
    about: (messageId, dialect) =>
      events.filter((event) => event.messageId === messageId && (!dialect || event.dialect === dialect)),
    waitFor: (fits, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const past = events.find(fits);
        if (past) return resolve(past);
        const seen = () => events.map((event) => `${event.dialect} ${event.type}`).join(", ");
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`no such event in ${timeoutMs} ms; there were: ${seen() || "none"}`));
        }, timeoutMs);
        const check = (event: ChatEvent) => {
          if (!fits(event)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(event);
        };
        waiting.add(check);
      }),
    close: () => void socket.disconnect(),
  };
}

/** Whether an event says that the answer to a message has ended, well or not. */
export function isDone(messageId: string): (event: ChatEvent) => boolean {
  return (event) =>
    event.messageId === messageId && event.type === "chat:completion" && event.data?.done === true;
}

/**
 * The text that a page shows after these events, by the rules of Open WebUI's own pages: deltas are added, a whole
 * text replaces what was there.
 */
export function shownText(events: readonly ChatEvent[]): string {
  let text = "";
  for (const { type, data } of events) {
    if (type === "chat:completion" || type === "response:completion") {
      const delta = data?.choices?.[0]?.delta?.content;
      if (data?.type === "response.output_text.delta") text += data.delta;
      else if (typeof data?.content === "string") text = data.content;
      else if (Array.isArray(data?.output)) text = outputText(data.output);
      else if (typeof delta === "string") text += delta;
    } else if (type === "chat:message:delta" || type === "message") text += data?.content ?? "";
    else if (type === "chat:message" || type === "replace") text = data?.content ?? text;
  }
  return text;
}

function outputText(output: Json[]): string {
  return output
    .filter((item) => item.type === "message")
    .flatMap((item) => item.content)
    .map((part) => part.text)
    .join("");
}
