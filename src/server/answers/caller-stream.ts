import type { ProviderEvent } from "../providers/provider.ts";
import type { RunningAnswer } from "./answer-registry.ts";

const encoder = new TextEncoder();

/** Headers of a streamed answer; proxies are asked not to hold it back. */
export const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};

const encodeData = (data: string) => `data: ${data}\n\n`;

/** A chunk that only counts tokens: callers that did not ask for it may trip over its empty `choices`. */
const isUsageOnly = ({ chunk }: ProviderEvent) => chunk?.choices?.length === 0 && Boolean(chunk.usage);

/**
 * An answer as server-sent events for one caller, the provider's own chunks as they come. `[DONE]` leaves only once the
 * final text is stored. A caller who goes away, or reads too slowly, is dropped; the answer goes on.
 */
export function streamAnswer(
  answer: RunningAnswer,
  options: {
    maxWaitingBytes: number;
    /** Put into the first chunk; for callers who cannot know it yet. */
    chatId: string | null;
    wantsUsage: boolean;
    /** What the caller has missed already, if it joined in the middle. */
    missed: string;
  },
): ReadableStream<Uint8Array> {
  let isFirst = options.chatId !== null;
  let sink: ((events: readonly ProviderEvent[]) => void) | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => {
          if (text === "" || sink === null) return;
          controller.enqueue(encoder.encode(text));
          if ((controller.desiredSize ?? 0) < 0) {
            answer.sinks.delete(sink);
            sink = null;
            controller.error(new Error("The caller reads too slowly; the answer goes on without it."));
          }
        };
        sink = (events) => {
          let text = "";
          for (const event of events) {
            if (event.chunk === null || (!options.wantsUsage && isUsageOnly(event))) continue;
            const named = isFirst ? JSON.stringify({ ...event.chunk, chat_id: options.chatId }) : event.data;
            isFirst = false;
            text += encodeData(named);
          }
          send(text);
        };
        answer.sinks.add(sink);
        if (options.missed !== "") {
          const delta = { role: "assistant", content: options.missed };
          send(
            encodeData(JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta }] })),
          );
        }
        answer.ended.then(({ error }) => {
          if (sink === null) return;
          if (error) send(encodeData(JSON.stringify({ error: { ...error, message: error.content } })));
          send(encodeData("[DONE]"));
          if (sink !== null) controller.close();
          sink = null;
        });
      },
      cancel() {
        if (sink) answer.sinks.delete(sink);
        sink = null;
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: options.maxWaitingBytes }),
  );
}
