import { createParser } from "eventsource-parser";
import { decodeChunk } from "../contract/completion-decoding.ts";
import { isJsonObject, parseJson } from "../contract/json-shape.ts";
import type { CompletionEvent } from "../contract/observed-event.ts";
import { OffstageError } from "../errors.ts";
import type { AttemptLimit } from "./attempt-limit.ts";

const END_OF_STREAM = "[DONE]";

/**
 * The chunks of a streamed completion, until `[DONE]`. Leaving the loop closes the connection, and frees the limit,
 * whose time-out counts between two chunks.
 *
 * @throws `answer_lost` when it ends or breaks without `[DONE]` and without a finish reason or an error, `timed_out`
 * when nothing comes for too long, `cancelled`; in each case after everything that came.
 */
export async function* readCompletionEvents(
  response: Response,
  limit: AttemptLimit,
): AsyncGenerator<CompletionEvent> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  /** The data of complete events that were not given out yet. */
  const waiting: string[] = [];
  const parser = createParser({ onEvent: (event) => waiting.push(event.data) });
  let whole = false;
  let textLength = 0;
  limit.refresh();
  try {
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      limit.refresh();
      parser.feed(decoder.decode(value, { stream: true }));
      for (const data of waiting.splice(0)) {
        if (data === END_OF_STREAM) return;
        const event = decodeChunk(parseChunk(data));
        whole ||= event.finishReason !== null || event.error !== null;
        textLength += event.text.length;
        yield event;
      }
    }
  } catch (thrown) {
    const reason = limit.explain(thrown);
    throw reason.code === "unreachable" ? cutOff(textLength, reason) : reason;
  } finally {
    limit.end();
    // A broken stream rejects again what was thrown above.
    await reader?.cancel().catch(() => {});
  }
  if (!whole) throw cutOff(textLength);
}

function parseChunk(data: string): Record<string, unknown> {
  const chunk = parseJson(data);
  if (isJsonObject(chunk)) return chunk;
  throw new OffstageError(
    "answer_lost",
    `The stream of the answer holds ${JSON.stringify(data.slice(0, 100))}, which is no chunk of a completion. Read the stored chat, or ask again.`,
  );
}

function cutOff(textLength: number, cause?: unknown): OffstageError {
  return new OffstageError(
    "answer_lost",
    `The stream of the answer was cut after ${textLength} characters, before its end. Read the stored chat, or ask again.`,
    { cause, details: { textLength } },
  );
}
