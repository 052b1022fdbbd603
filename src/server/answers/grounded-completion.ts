import type { CompletionChunk, Found, ProviderEvent, ProviderResponse } from "../providers/provider.ts";

/** Takes a growing text and lets it pass without what must not stand in it. */
export interface TextFilter {
  /** What may pass now; the rest is held until it is clear what it becomes. */
  push(text: string): string;
  /** All that was held. */
  end(): string;
}

/** What was found for a question, and how the answer is to be read. */
export interface Grounding {
  /** Told before the answer, and stored with it. */
  found: Found;
  /** Drops citations that name none of the sources. */
  citations: TextFilter;
}

/** A provider's response with the sources in front, and without citations that name none of them. */
export function groundResponse(
  response: ProviderResponse,
  { found, citations }: Grounding,
): ProviderResponse {
  if (response.status >= 400) return response;
  if (response.kind === "json")
    return { ...response, body: groundBody(response.body, found.sources, citations), found };
  return { ...response, events: groundEvents(response.events, found, citations) };
}

async function* groundEvents(
  events: AsyncIterable<ProviderEvent[]>,
  found: Found,
  citations: TextFilter,
): AsyncGenerator<ProviderEvent[]> {
  const chunk = { sources: found.sources };
  yield [{ data: JSON.stringify(chunk), chunk, found }];
  let failure: { thrown: unknown } | null = null;
  try {
    for await (const batch of events) yield batch.flatMap((event) => groundEvent(event, citations));
  } catch (thrown) {
    failure = { thrown };
  }
  const rest = heldEvent(citations);
  if (rest) yield [rest];
  if (failure) throw failure.thrown;
}

/** The events that one becomes: what was held leaves before anything that ends the text. */
function groundEvent(event: ProviderEvent, citations: TextFilter): ProviderEvent[] {
  const choice = event.chunk?.choices?.[0];
  const content = choice?.delta?.content;
  const endsText = event.chunk === null || event.chunk.error !== undefined || Boolean(choice?.finish_reason);
  const text = typeof content === "string" ? citations.push(content) : content;
  const whole = endsText && typeof text === "string" ? text + citations.end() : text;
  const held = endsText && typeof text !== "string" ? heldEvent(citations) : null;
  const same = whole === content ? event : withContent(event.chunk as CompletionChunk, whole ?? "");
  return held ? [held, same] : [same];
}

function heldEvent(citations: TextFilter): ProviderEvent | null {
  const held = citations.end();
  return held === "" ? null : withContent({ object: "chat.completion.chunk", choices: [{ index: 0 }] }, held);
}

function withContent(chunk: CompletionChunk, content: string): ProviderEvent {
  const [first, ...others] = chunk.choices ?? [];
  const changed = { ...chunk, choices: [{ ...first, delta: { ...first?.delta, content } }, ...others] };
  return { data: JSON.stringify(changed), chunk: changed };
}

function groundBody(body: unknown, sources: unknown[], citations: TextFilter): unknown {
  const completion = body as { choices?: { message?: { content?: unknown } }[] };
  const choices = completion.choices?.map((choice) => {
    const content = choice.message?.content;
    if (typeof content !== "string") return choice;
    return {
      ...choice,
      message: { ...choice.message, content: citations.push(content) + citations.end() },
    };
  });
  return { ...completion, ...(choices ? { choices } : {}), sources };
}
