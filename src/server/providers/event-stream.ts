import { createParser } from "eventsource-parser";
import { OffstageError } from "../../errors.ts";
import { parseEvent } from "./completion-events.ts";
import type { ProviderEvent } from "./provider.ts";

/** Longest single event that is read, in UTF-16 units. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * The server-sent events in a byte stream, those of one read together; reads that complete no event yield nothing.
 * Ends after `[DONE]` without reading on, else with the stream; what the stream throws is thrown.
 * @throws OffstageError `model_failed` if one event exceeds 16 Mi characters
 */
export async function* parseEventStream(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ProviderEvent[]> {
  let events: ProviderEvent[] = [];
  let done = false;
  let tooLong = false;
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent({ data }) {
      if (done) return;
      done = data === "[DONE]";
      events.push(parseEvent(data));
    },
    onError(error) {
      tooLong ||= error.type === "max-buffer-size-exceeded";
    },
  });
  for await (const part of bytes) {
    parser.feed(decoder.decode(part, { stream: true }));
    if (tooLong) {
      const message = `The provider sent an event of more than ${MAX_EVENT_LENGTH} characters; it was not read on.`;
      throw new OffstageError("model_failed", message);
    }
    if (events.length === 0) continue;
    yield events;
    if (done) return;
    events = [];
  }
  // Some providers leave out the blank line after their last event.
  parser.feed(`${decoder.decode()}\n\n`);
  if (events.length > 0) yield events;
}
