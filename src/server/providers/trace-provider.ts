import type { Usage } from "../../contract/completion.ts";
import { asOffstageError } from "../../errors.ts";
import { inSpan, type Span, type Tracing } from "../tracing/tracing.ts";
import type { CompletionChunk, Provider, ProviderEvent } from "./provider.ts";

/** Figures of usage by OpenTelemetry's conventions. */
export function usageAttributes(usage: Usage | null | undefined) {
  return {
    "gen_ai.usage.input_tokens": usage?.prompt_tokens,
    "gen_ai.usage.output_tokens": usage?.completion_tokens,
  };
}

/** The same provider; each of its calls is a span, by OpenTelemetry's conventions for generative AI. */
export function traceProvider(provider: Provider, tracing: Tracing): Provider {
  const embed = provider.embed?.bind(provider);
  const start = (operation: string, model: string) => ({
    name: `${operation} ${model}`,
    kind: "client" as const,
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": provider.name,
      "gen_ai.request.model": model,
    },
  });
  return {
    name: provider.name,
    listModels: (signal) => provider.listModels(signal),
    async complete(request, signal, watch) {
      const span = tracing.begin(start("chat", request.model));
      try {
        const response = await span.within(() => provider.complete(request, signal, watch));
        if (response.kind === "events")
          return { ...response, events: untilEnd(response.events, span, signal) };
        if (response.status >= 400) span.fail(String(response.status));
        else noteChunk(span, response.body as CompletionChunk);
        span.end();
        return response;
      } catch (thrown) {
        span.fail(asOffstageError(thrown).code);
        span.end();
        throw thrown;
      }
    },
    ...(embed
      ? {
          embed: (request, signal) =>
            inSpan(tracing, start("embeddings", request.model), async (span) => {
              const response = await embed(request, signal);
              if (response.status >= 400) span.fail(String(response.status));
              return response;
            }),
        }
      : {}),
    depths: () => provider.depths?.() ?? {},
    close: () => provider.close(),
  };
}

/** The same events; the span ends with them, or when nobody wants them any more. */
async function* untilEnd(
  events: AsyncIterable<ProviderEvent[]>,
  span: Span,
  signal: AbortSignal,
): AsyncGenerator<ProviderEvent[]> {
  try {
    for await (const batch of events) {
      for (const { chunk } of batch) if (chunk?.usage) noteChunk(span, chunk);
      if (batch.some(({ chunk }) => chunk?.error)) span.fail("model_failed");
      yield batch;
    }
  } catch (thrown) {
    span.fail(signal.aborted ? "cancelled" : asOffstageError(thrown).code);
    throw thrown;
  } finally {
    span.end();
  }
}

function noteChunk(span: Span, { model, usage }: CompletionChunk): void {
  span.note({ "gen_ai.response.model": model, ...usageAttributes(usage) });
}
