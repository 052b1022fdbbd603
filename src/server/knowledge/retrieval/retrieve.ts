import { contentText } from "../../../contract/content-text.ts";
import type { ChunkSearch, FoundChunk } from "./chunk-search.ts";
import { type ContextMessage, contextMessage } from "./context-message.ts";
import { type PassageBudget, selectPassages } from "./passages.ts";
import { type SearchText, searchTexts } from "./query.ts";
import { DEFAULT_FUSION, fuseRankings } from "./rank-fusion.ts";
import type { RequestedItem } from "./requested-item.ts";
import { citeSources, type Source } from "./sources.ts";

/** Makes vectors of questions. */
export interface QuestionEmbedder {
  readonly name: string;
  embed(
    texts: readonly string[],
    signal?: AbortSignal,
    options?: { urgent?: boolean },
  ): Promise<Float32Array[]>;
}

export interface RetrieveInput {
  /** The conversation as it goes to the model, oldest first. */
  messages: readonly { role?: unknown; content?: unknown }[];
  items: readonly RequestedItem[];
  search: ChunkSearch;
  /** Null searches by words alone. */
  embedder: QuestionEmbedder | null;
  signal?: AbortSignal;
  budget?: Partial<PassageBudget>;
}

/** What was found for a question. */
export interface Retrieved {
  sources: Source[];
  /** How many sources an answer can cite: citations of higher numbers name none. */
  sourceCount: number;
  /** To go before the conversation; null where nobody asked anything. */
  message: ContextMessage | null;
  /** What was searched for, the weightiest first. */
  searchTexts: string[];
  /** Why the vectors were left out and words alone decided; null where they were not. */
  embeddingFailure: unknown;
}

/** Of each search; passages are chosen among them. */
const FOUND_LIMIT = 40;

/**
 * Searches the requested items for what the conversation asks last. Goes on by words alone where the embedder fails, and
 * tells why. @throws OffstageError `cancelled` at once when `signal` is aborted; `unavailable`
 */
export async function retrieve(input: RetrieveInput): Promise<Retrieved> {
  const { messages, items, budget } = input;
  const texts = searchTexts(
    messages.map(({ role, content }) => ({ role: String(role), text: contentText(content) })),
  );
  if (texts.length === 0)
    return { sources: [], sourceCount: 0, message: null, searchTexts: [], embeddingFailure: null };
  const { vectors, failure } = await embedTexts(texts, input);
  const passages = selectPassages(await searchAll(texts, vectors, input), budget);
  const { sources, numbered } = citeSources(passages, items);
  return {
    sources,
    sourceCount: Math.max(0, ...numbered.map(({ number }) => number)),
    message: contextMessage(numbered),
    searchTexts: texts.map(({ text }) => text),
    embeddingFailure: failure,
  };
}

async function embedTexts(
  texts: readonly SearchText[],
  { embedder, signal }: RetrieveInput,
): Promise<{ vectors: Float32Array[] | null; failure: unknown }> {
  if (embedder === null) return { vectors: null, failure: null };
  try {
    const vectors = await embedder.embed(
      texts.map(({ text }) => text),
      signal,
      { urgent: true },
    );
    return { vectors, failure: null };
  } catch (failure) {
    if (signal?.aborted) throw failure;
    return { vectors: null, failure };
  }
}

/** What all texts find together, best first; one text's ranking is taken as it is. */
async function searchAll(
  texts: readonly SearchText[],
  vectors: readonly Float32Array[] | null,
  { items, search, embedder, signal }: RetrieveInput,
): Promise<FoundChunk[]> {
  const contentIds = [...new Set(items.flatMap(({ contents }) => contents.map((file) => file.contentId)))];
  const rankings = await Promise.all(
    texts.map(async ({ text, weight }, index) => {
      const vector = vectors?.[index] ?? null;
      const query = { text, vector, embedder: vector && embedder!.name, contentIds, limit: FOUND_LIMIT };
      return { weight, found: await search.search(query, signal) };
    }),
  );
  if (rankings.length === 1) return rankings[0]!.found;
  const chunks = new Map(
    rankings.flatMap(({ found }) => found.map((chunk) => [chunk.id, chunk] as const)).reverse(),
  );
  return fuseRankings(
    rankings.map(({ weight, found }) => ({ weight, items: found.map(({ id }) => id) })),
    DEFAULT_FUSION.rankConstant,
  ).map(({ item, score }) => ({ ...chunks.get(item)!, score }));
}
