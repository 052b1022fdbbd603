import type { Usage } from "../../contract/completion.ts";
import type { CompletionChunk, ProviderEvent } from "./provider.ts";

/** The event that ends an answer. */
export const DONE_EVENT: ProviderEvent = { data: "[DONE]", chunk: null };

/** A chunk as the event that carries it. */
export function encodeChunk(chunk: CompletionChunk): ProviderEvent {
  return { data: JSON.stringify(chunk), chunk };
}

/** An event's data with what it says; data that is not a JSON object (`[DONE]` among it) has a null chunk. */
export function parseEvent(data: string): ProviderEvent {
  if (!data.startsWith("{")) return { data, chunk: null };
  try {
    return { data, chunk: JSON.parse(data) as CompletionChunk };
  } catch {
    return { data, chunk: null };
  }
}

interface WholeChoice {
  index?: number;
  message?: { tool_calls?: Record<string, unknown>[] | null; [field: string]: unknown };
  finish_reason?: string | null;
}

/**
 * The events of an answer that came as one `chat.completion` although a stream was asked for: one delta with the
 * whole message for each choice, the usage if it is known, `[DONE]`. A body that holds an error becomes an error event.
 */
export function eventsOfCompletion(body: Record<string, unknown>): ProviderEvent[] {
  if (body.error !== undefined && body.error !== null) {
    return [encodeChunk({ error: body.error }), DONE_EVENT];
  }
  const { choices, usage, ...rest } = body as {
    choices?: WholeChoice[];
    usage?: Usage | null;
  };
  const envelope = { ...rest, object: "chat.completion.chunk" };
  const events = (choices ?? []).map((choice, position) => {
    const { tool_calls: calls, ...message } = choice.message ?? {};
    const toolCalls = calls?.map((call, index) => ({ index, ...call }));
    const delta = toolCalls === undefined ? message : { ...message, tool_calls: toolCalls };
    const finish = choice.finish_reason ?? "stop";
    return encodeChunk({
      ...envelope,
      choices: [{ index: choice.index ?? position, delta, finish_reason: finish }],
    });
  });
  if (usage) events.push(encodeChunk({ ...envelope, choices: [], usage }));
  return [...events, DONE_EVENT];
}
