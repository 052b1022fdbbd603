import { answerReasoning, decodeError, outputText, withoutReasoning } from "./answer-decoding.ts";
import type { MessageError } from "./completion.ts";
import { completionText, decodeChunk } from "./completion-decoding.ts";
import { filledString, isJsonObject, type JsonObject, stringItems } from "./json-shape.ts";
import type { ObservedEvent } from "./observed-event.ts";

/** The names under which servers send what happens in chats: up to about 0.6.34, and later. */
export const LIVE_EVENT_NAMES = ["chat-events", "events"] as const;

/** What our clients ask our own server for, as `dialect` in the socket's handshake; real ones ignore it. */
export const PREFERRED_DIALECT = "events";

/** Answers whose end never comes must not pile up: the one that began first is forgotten. */
const MOST_GROWING = 1_000;

interface GrowingAnswer {
  /** All text of this answer that was seen so far. */
  text: string;
  /** All of its thinking. */
  reasoning: string;
  /** The last error that was sent for it; repeated when it finishes. */
  error: MessageError | null;
}

/**
 * Reads the live events of one connection, of any version: whole texts, whole `output[]` and deltas all become deltas
 * with their snapshot. Remembers the text of answers that grow, and forgets it when they finish.
 */
export function createLiveDecoder(): (wireEvent: unknown) => ObservedEvent[] {
  const growing = new Map<string, GrowingAnswer>();

  return (wireEvent) => {
    if (!isJsonObject(wireEvent) || !isJsonObject(wireEvent.data)) return [];
    const type = filledString(wireEvent.data.type);
    if (type === null) return [];
    const at = {
      chatId: filledString(wireEvent.chat_id) ?? "",
      messageId: filledString(wireEvent.message_id) ?? "",
    };
    const key = JSON.stringify([at.chatId, at.messageId]);
    const answer = growing.get(key) ?? { text: "", reasoning: "", error: null };
    const data = wireEvent.data.data;
    const decoded = decodeEvent(type, data, at, answer);
    if (decoded.some((event) => event.type === "answer-finished")) growing.delete(key);
    else if (answer.text !== "" || answer.reasoning !== "" || answer.error !== null) growing.set(key, answer);
    if (growing.size > MOST_GROWING) growing.delete(growing.keys().next().value ?? "");
    return decoded;
  };
}

type Place = { chatId: string; messageId: string };

function decodeEvent(type: string, data: unknown, at: Place, answer: GrowingAnswer): ObservedEvent[] {
  const fields = isJsonObject(data) ? data : {};
  switch (type) {
    case "chat:completion":
    case "response:completion":
      return decodeCompletion(fields, at, answer);
    case "chat:message:delta":
    case "message":
      return grow(filledString(fields.content) ?? "", at, answer);
    case "chat:message":
    case "replace":
      return replace(filledString(fields.content) ?? "", at, answer);
    case "chat:message:error":
      return [finished(at, answer, { error: decodeError(fields.error) })];
    case "task-cancelled":
    case "chat:tasks:cancel":
      return [finished(at, answer, { stopped: true })];
    case "status":
      return [{ type: "answer-status", ...at, status: fields }];
    case "source":
    case "citation":
      return [{ type: "answer-sources", ...at, sources: [data] }];
    case "chat:message:follow_ups":
      return [{ type: "follow-ups-made", ...at, followUps: stringItems(fields.follow_ups) }];
    case "chat:title":
      return [{ type: "title-made", ...at, title: filledString(data) ?? "" }];
    case "chat:tags":
      return [{ type: "tags-made", ...at, tags: stringItems(data) }];
    case "chat:active":
      return [{ type: "chat-active", ...at, active: fields.active === true }];
    case "chat:list":
      return [{ type: "chat-list-changed", chatId: at.chatId }];
    default:
      return [{ type: "other", ...at, event: { type, data } }];
  }
}

/** One event may say several things at once; what ends the answer comes last. */
function decodeCompletion(data: JsonObject, at: Place, answer: GrowingAnswer): ObservedEvent[] {
  const chunk = decodeChunk(data);
  const events: ObservedEvent[] = [];
  if (chunk.sources) events.push({ type: "answer-sources", ...at, sources: chunk.sources });
  if (data.type === "response.output_text.delta")
    events.push(...grow(filledString(data.delta) ?? "", at, answer));
  const thought =
    data.type === "response.reasoning_text.delta" ? (filledString(data.delta) ?? "") : chunk.reasoning;
  events.push(...think(answer.reasoning + thought, at, answer));
  events.push(...think(answerReasoning(data), at, answer));
  events.push(...grow(chunk.text, at, answer));
  const whole = wholeText(data);
  if (whole !== null) events.push(...replace(whole, at, answer));
  if (chunk.usage) events.push({ type: "answer-usage", ...at, usage: chunk.usage });
  if (chunk.error) answer.error = chunk.error;
  if (data.done === true) events.push(finished(at, answer, { text: whole, title: filledString(data.title) }));
  return events;
}

/** The whole text so far, where an event brings it: `content`, else `output[]`, else a whole completion. */
function wholeText(data: JsonObject): string | null {
  if (typeof data.content === "string") return withoutReasoning(data.content);
  if (Array.isArray(data.output)) return outputText(data.output);
  return completionText(data);
}

function grow(delta: string, at: Place, answer: GrowingAnswer): ObservedEvent[] {
  if (delta === "") return [];
  answer.text += delta;
  return [{ type: "answer-delta", ...at, delta, snapshot: answer.text }];
}

/** What is new in the whole thinking so far. A whole that is shorter, or another, tells nothing new. */
function think(reasoning: string, at: Place, answer: GrowingAnswer): ObservedEvent[] {
  if (reasoning.length <= answer.reasoning.length || !reasoning.startsWith(answer.reasoning)) return [];
  const delta = reasoning.slice(answer.reasoning.length);
  answer.reasoning = reasoning;
  return [{ type: "answer-reasoning", ...at, delta, snapshot: reasoning }];
}

function replace(text: string, at: Place, answer: GrowingAnswer): ObservedEvent[] {
  if (text === answer.text) return [];
  const delta = text.startsWith(answer.text) ? text.slice(answer.text.length) : "";
  answer.text = text;
  return [{ type: "answer-delta", ...at, delta, snapshot: text }];
}

function finished(
  at: Place,
  answer: GrowingAnswer,
  known: { text?: string | null; title?: string | null; error?: MessageError | null; stopped?: boolean },
): ObservedEvent {
  return {
    type: "answer-finished",
    ...at,
    text: known.text ?? null,
    title: known.title ?? null,
    error: known.error ?? answer.error,
    stopped: known.stopped ?? false,
  };
}
