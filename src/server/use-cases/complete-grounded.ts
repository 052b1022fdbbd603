import { contentText } from "../../contract/content-text.ts";
import type { KnowledgeSearch } from "../../contract/journal.ts";
import { asOffstageError } from "../../errors.ts";
import { groundResponse } from "../answers/grounded-completion.ts";
import type { Context, User } from "../context.ts";
import type { Journal } from "../journal/journal.ts";
import { createCitationFilter } from "../knowledge/retrieval/citations.ts";
import type { ContextMessage } from "../knowledge/retrieval/context-message.ts";
import { budgetFor } from "../knowledge/retrieval/passages.ts";
import type { RequestedItem } from "../knowledge/retrieval/requested-item.ts";
import { type Retrieved, retrieve } from "../knowledge/retrieval/retrieve.ts";
import type { FoundModel, ProviderRequest, ProviderResponse } from "../providers/provider.ts";
import { inSpan } from "../tracing/tracing.ts";
import { attachImages } from "./attach-images.ts";
import { recallMemories } from "./recall-memories.ts";

/** What is asked of whom, and what may go along. */
export type GroundedRequest = FoundModel & {
  providerRequest: ProviderRequest;
  /** The material that the question is searched for in. */
  items: readonly RequestedItem[];
  /** Who asks: the images that the messages name have to be theirs. */
  user: User;
  /** Whose memories go along; null for nobody's. */
  recallFor: string | null;
  journal: Journal;
};

/**
 * Asks a provider, with what the user wants remembered and what is found in the material for the question; without
 * either as it is.
 * @throws OffstageError what the search or the provider does
 */
export async function completeGrounded(
  context: Context,
  asked: GroundedRequest,
  signal: AbortSignal,
): Promise<ProviderResponse> {
  const { knowledge, log } = context;
  const { provider, model, items, journal } = asked;
  const recalled = await withMemories(context, asked, signal);
  const providerRequest = {
    ...recalled,
    messages: await attachImages(context, asked.user, recalled.messages),
  };
  if (items.length === 0) return journal.ask("answer", provider, providerRequest, signal);
  const { messages } = providerRequest;
  const { search, embedder } = knowledge;
  const beganAtMs = context.clock.nowMs();
  const budget = budgetFor(model);
  const found = await inSpan(context.tracing, { name: "search knowledge" }, async (span) => {
    const retrieved = await retrieve({ messages, items, search, embedder, signal, budget });
    span.note({
      "offstage.search.items": items.length,
      "offstage.search.found": retrieved.chunks.length,
      "offstage.search.sources": retrieved.sourceCount,
      "offstage.search.embedder": retrieved.embeddingFailure ? undefined : embedder?.name,
    });
    return retrieved;
  });
  if (found.embeddingFailure)
    log.warn({ err: found.embeddingFailure }, "material was searched by words alone");
  journal.searched(searchOf(found, beganAtMs, context.clock.nowMs()));
  const grounded = {
    ...providerRequest,
    messages: found.message ? withContext(messages, found.message) : messages,
  };
  const response = await journal.ask("answer", provider, grounded, signal);
  return groundResponse(response, {
    found: { sources: found.sources, statuses: found.embeddingFailure ? [WORDS_ALONE] : [] },
    citations: createCitationFilter(found.sourceCount),
  });
}

/** Chunks of one search that journals name. */
const MAX_NAMED_CHUNKS = 20;

/** A search as journals keep it. */
function searchOf(found: Retrieved, beganAtMs: number, endedAtMs: number): KnowledgeSearch {
  const { chunks, searchTexts, embeddingFailure } = found;
  const best = chunks.toSorted((a, b) => b.score - a.score).slice(0, MAX_NAMED_CHUNKS);
  return {
    began_at_ms: beganAtMs,
    total_ms: endedAtMs - beganAtMs,
    queries: searchTexts.map((text) => text.slice(0, 1_000)),
    chunks: best.map(({ contentId, position, page, score, similarity }) => ({
      content_id: contentId,
      position,
      page,
      score,
      similarity,
    })),
    found: chunks.length,
    error: embeddingFailure ? asOffstageError(embeddingFailure).message : null,
  };
}

const WORDS_ALONE = {
  action: "words_alone",
  description: "The files were searched by their words alone: the embedder is away",
  done: true,
};

async function withMemories(
  context: Context,
  { model, providerRequest, recallFor }: GroundedRequest,
  signal: AbortSignal,
): Promise<ProviderRequest> {
  if (recallFor === null) return providerRequest;
  const { messages } = providerRequest;
  const remembered = await recallMemories(context, recallFor, { messages, model }, signal);
  return remembered ? { ...providerRequest, messages: withContext(messages, remembered) } : providerRequest;
}

/** Many models take one system message only: one that leads the conversation comes first in it. */
function withContext(
  messages: ProviderRequest["messages"],
  context: ContextMessage,
): ProviderRequest["messages"] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ ...context }, ...messages];
  return [{ ...first, content: `${contentText(first.content)}\n\n${context.content}` }, ...rest];
}
