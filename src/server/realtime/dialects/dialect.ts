import type { LiveEvent } from "../../../contract/live-event.ts";

/** One socket.io event as it goes over the wire. */
export interface WireEvent {
  name: string;
  payload: {
    chat_id: string;
    message_id: string | null;
    /** What only pages that show the chat are told; 0.12.4's reads messages from such events alone. */
    shared?: true;
    data: { type: string; data: unknown };
  };
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

/** The events that every dialect spells alike, as `[type, data]`. */
export function spelledAlike(
  event: Extract<
    LiveEvent,
    { type: "answer-status" | "follow-ups-made" | "title-made" | "tags-made" | "posted" }
  >,
): readonly [type: string, data: unknown] {
  switch (event.type) {
    case "answer-status":
      return ["status", event.status];
    case "follow-ups-made":
      return ["chat:message:follow_ups", { follow_ups: event.followUps }];
    case "title-made":
      return ["chat:title", event.title];
    case "tags-made":
      return ["chat:tags", event.tags];
    case "posted":
      return [event.event.type, event.event.data];
  }
}
