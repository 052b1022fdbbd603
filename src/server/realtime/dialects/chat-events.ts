import type { LiveEvent } from "../../../contract/live-event.ts";
import { type Dialect, spelledAlike, wireEvents } from "./dialect.ts";

const NAME = "chat-events";

/**
 * Open WebUI 0.6.15 and earlier: `chat-events`. Text comes as deltas of a chunk, which its page appends, and as
 * `content`, by which it replaces what it has.
 */
export const chatEventsDialect: Dialect = (event) => {
  const of = (...list: (readonly [string, unknown])[]) => wireEvents(NAME, event as never, list);
  switch (event.type) {
    case "answer-delta":
      if (event.snapshot) return of(["chat:completion", { content: event.snapshot.whole }]);
      if (event.delta === "") return [];
      return of([
        "chat:completion",
        { model: event.model, choices: [{ index: 0, delta: { content: event.delta }, finish_reason: null }] },
      ]);
    case "answer-sources":
      return of(["chat:completion", { sources: event.sources }]);
    case "answer-finished":
      return of(...finished(event));
    case "messages-changed":
      return Object.entries(event.messages).flatMap(([messageId, message]) => {
        const { content, done } = message as { content?: unknown; done?: unknown };
        if (typeof content !== "string" || done === false) return [];
        return wireEvents(NAME, { chatId: event.chatId, messageId }, [["chat:message", { content }]]);
      });
    case "answer-started":
    case "chat-active":
    case "chat-list-changed":
      return [];
    default:
      return of(spelledAlike(event));
  }
};

function finished(event: Extract<LiveEvent, { type: "answer-finished" }>): (readonly [string, unknown])[] {
  const content = event.snapshot.whole;
  if (event.stopped) {
    return [
      ["chat:completion", { content }],
      ["task-cancelled", {}],
    ];
  }
  const list: (readonly [string, unknown])[] = [];
  if (event.usage) list.push(["chat:completion", { usage: event.usage }]);
  if (event.error) list.push(["chat:completion", { error: event.error }]);
  list.push(["chat:completion", { done: true, content, title: event.title }]);
  return list;
}
