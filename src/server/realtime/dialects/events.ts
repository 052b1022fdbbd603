import type { AnswerSnapshot, LiveEvent } from "../../../contract/live-event.ts";
import { type Dialect, spelledAlike, wireEvents } from "./dialect.ts";

const NAME = "events";

/**
 * Open WebUI 0.6.36 and later: `events`, as 0.12.4 spells them. Text comes as deltas of the Responses API, and as
 * `output` items, by which its page replaces what it has.
 */
export const eventsDialect: Dialect = (event) => {
  const of = (...list: (readonly [string, unknown])[]) => wireEvents(NAME, event as never, list);
  switch (event.type) {
    case "answer-started":
      return of(["chat:active", { active: true, folder_id: null }]);
    case "answer-delta":
      return of(...deltas(event));
    case "answer-sources":
      return of(...event.sources.map((source) => ["source", source] as const));
    case "answer-finished":
      return of(...finished(event));
    case "chat-active":
      return of(["chat:active", { active: event.active, folder_id: null }]);
    case "chat-list-changed":
      return of(["chat:list", { chat_id: event.chatId, folder_id: null }]);
    case "messages-changed":
      return of(["chat:messages", { messages: event.messages, currentId: event.currentId }]).map(
        ({ name, payload }) => ({ name, payload: { ...payload, shared: true } }),
      );
    default:
      return of(spelledAlike(event));
  }
};

function deltas(event: Extract<LiveEvent, { type: "answer-delta" }>): (readonly [string, unknown])[] {
  if (event.snapshot) {
    const output = outputItems(event.messageId, event.snapshot, "in_progress");
    return [["chat:completion", { output }]];
  }
  const list: (readonly [string, unknown])[] = [];
  if (event.reasoningDelta !== "") {
    list.push([
      "response:completion",
      {
        type: "response.reasoning_text.delta",
        item_id: reasoningId(event.messageId),
        output_index: 0,
        content_index: 0,
        delta: event.reasoningDelta,
      },
    ]);
  }
  if (event.delta !== "") {
    list.push([
      "response:completion",
      {
        type: "response.output_text.delta",
        item_id: textId(event.messageId),
        output_index: event.hasReasoning ? 1 : 0,
        content_index: 0,
        delta: event.delta,
      },
    ]);
  }
  return list;
}

function finished(event: Extract<LiveEvent, { type: "answer-finished" }>): (readonly [string, unknown])[] {
  const list: (readonly [string, unknown])[] = [];
  if (event.error) list.push(["chat:message:error", { error: event.error, done: true }]);
  if (event.stopped) list.push(["chat:tasks:cancel", {}]);
  list.push(["chat:list", { chat_id: event.chatId, folder_id: null }]);
  list.push([
    "chat:completion",
    {
      done: true,
      output: outputItems(event.messageId, event.snapshot, "completed"),
      title: event.title,
      ...(event.usage ? { usage: event.usage } : {}),
    },
  ]);
  return list;
}

const textId = (messageId: string) => `msg_${messageId}`;
const reasoningId = (messageId: string) => `rs_${messageId}`;

/** An answer as items of the Responses API: reasoning, if any, then the message. */
export function outputItems(
  messageId: string,
  snapshot: AnswerSnapshot,
  status: "in_progress" | "completed",
) {
  const { content, reasoning } = snapshot;
  const message = {
    type: "message",
    id: textId(messageId),
    status,
    role: "assistant",
    content: [{ type: "output_text", text: content }],
  };
  if (reasoning === "") return [message];
  const thought = {
    type: "reasoning",
    id: reasoningId(messageId),
    status: content === "" ? status : "completed",
    content: [{ type: "reasoning_text", text: reasoning }],
    summary: [],
  };
  return [thought, message];
}
