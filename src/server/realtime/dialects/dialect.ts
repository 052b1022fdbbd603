import type { LiveEvent } from "../../../contract/live-event.ts";

/** One socket.io event as it goes over the wire. */
export interface WireEvent {
  name: string;
  payload: { chat_id: string; message_id: string | null; data: { type: string; data: unknown } };
}

/** How one generation of web UIs and clients spells live events. Events that it does not know are left out. */
export type Dialect = (event: LiveEvent) => WireEvent[];

/** Spells a list of `[type, data]` of one message under an event name. */
export function wireEvents(
  name: string,
  about: { chatId: string; messageId?: string | null },
  list: readonly (readonly [type: string, data: unknown])[],
): WireEvent[] {
  return list.map(([type, data]) => ({
    name,
    payload: { chat_id: about.chatId, message_id: about.messageId ?? null, data: { type, data } },
  }));
}
