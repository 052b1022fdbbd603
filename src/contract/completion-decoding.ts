import { decodeError } from "./answer-decoding.ts";
import type { Usage } from "./completion.ts";
import { contentText } from "./content-text.ts";
import { filledString, isJsonObject, type JsonObject, stringItems } from "./json-shape.ts";
import type { CompletionEvent } from "./observed-event.ts";

/** One chunk of a streamed completion. Some providers call the thinking `reasoning`, others `reasoning_content`. */
export function decodeChunk(chunk: JsonObject): CompletionEvent {
  const choice = firstChoice(chunk);
  const delta = isJsonObject(choice?.delta) ? choice.delta : {};
  return {
    text: contentText(delta.content),
    reasoning: filledString(delta.reasoning_content) ?? filledString(delta.reasoning) ?? "",
    sources: Array.isArray(chunk.sources) ? chunk.sources : null,
    usage: isJsonObject(chunk.usage) ? (chunk.usage as Usage) : null,
    error: decodeError(chunk.error),
    finishReason: filledString(choice?.finish_reason),
    chunk,
  };
}

/** The whole text of a `chat.completion`; null where a body is none. */
export function completionText(body: JsonObject): string | null {
  const message = firstChoice(body)?.message;
  return isJsonObject(message) ? contentText(message.content) : null;
}

/** What an answer says about the tasks that it started; null where it names none. Up to 0.8 there is one, unlisted. */
export function decodeAck(body: JsonObject): { taskIds: string[]; chatId: string | null } | null {
  const taskId = filledString(body.task_id);
  const taskIds = Array.isArray(body.task_ids)
    ? stringItems(body.task_ids)
    : taskId === null
      ? null
      : [taskId];
  return taskIds === null ? null : { taskIds, chatId: filledString(body.chat_id) };
}

function firstChoice(body: JsonObject): JsonObject | null {
  const choice = Array.isArray(body.choices) ? body.choices[0] : null;
  return isJsonObject(choice) ? choice : null;
}
