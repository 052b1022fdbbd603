import { randomUUID } from "node:crypto";
import { DONE_EVENT, encodeChunk } from "./completion-events.ts";
import type { Generation } from "./local-engine.ts";
import type { ProviderEvent } from "./provider.ts";

/** Starts the generation; `onText` gets the text piece by piece. */
export type Generate = (onText: (piece: string) => void) => Promise<Generation>;

/** One generation as OpenAI's `chat.completion`. */
export async function wholeAnswer(generate: Generate, model: string): Promise<Record<string, unknown>> {
  let content = "";
  const generation = await generate((piece) => {
    content += piece;
  });
  const message = { role: "assistant", content };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: generation.finishReason }];
  return { ...envelopeOf(model), object: "chat.completion", choices, usage: usageOf(generation) };
}

/**
 * One generation as OpenAI's chunks. It starts at once, read or not; what was generated between two reads comes as
 * one delta. A reader that leaves aborts `left`, by which the generation is to stop.
 */
export function streamAnswer(
  generate: Generate,
  model: string,
  includeUsage: boolean,
  left: AbortController,
): AsyncGenerator<ProviderEvent[]> {
  const envelope = { ...envelopeOf(model), object: "chat.completion.chunk" };
  const delta = (fields: object, finish: string | null = null) =>
    encodeChunk({ ...envelope, choices: [{ index: 0, delta: fields, finish_reason: finish }] });
  /** What no read has taken yet. */
  let text = "";
  /** Resolved when there is something to be taken; made anew before each look. */
  let news = Promise.withResolvers<void>();
  let ended: { generation: Generation } | { error: unknown } | null = null;
  const generation = generate((piece) => {
    text += piece;
    news.resolve();
  });
  void generation
    .then(
      (generation) => {
        ended = { generation };
      },
      (error: unknown) => {
        ended = { error };
      },
    )
    .then(() => news.resolve());

  async function* read(): AsyncGenerator<ProviderEvent[]> {
    try {
      yield [delta({ role: "assistant", content: "" })];
      for (;;) {
        await news.promise;
        news = Promise.withResolvers();
        const events = text === "" ? [] : [delta({ content: text })];
        text = "";
        if (ended !== null && "generation" in ended) {
          events.push(delta({}, ended.generation.finishReason));
          if (includeUsage) {
            events.push(encodeChunk({ ...envelope, choices: [], usage: usageOf(ended.generation) }));
          }
          yield [...events, DONE_EVENT];
          return;
        }
        const failure = ended;
        if (events.length > 0) yield events;
        if (failure !== null) throw failure.error;
      }
    } finally {
      left.abort();
    }
  }
  return read();
}

function envelopeOf(model: string) {
  return { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
}

function usageOf({ promptTokens, completionTokens }: Generation) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
