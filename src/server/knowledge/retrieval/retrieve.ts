import { contentText } from "../../../contract/content-text.ts";
import type { ChunkSearch, FoundChunk } from "./chunk-search.ts";
import { type ContextMessage, contextMessage } from "./context-message.ts";
import { type PassageBudget, selectPassages } from "./passages.ts";
import { searchTexts } from "./query.ts";
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
  /** What was searched for, the question itself first. */
  searchTexts: string[];
  /** All that was found, among which the passages were chosen. */
  chunks: FoundChunk[];
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
    return {
      sources: [],
      sourceCount: 0,
      message: null,
      searchTexts: [],
      chunks: [],
      embeddingFailure: null,
    };
  const { vectors, failure } = await embedTexts(texts, input);
  const found = [...inlineChunks(items), ...(await searchAll(texts, vectors, input))];
  const passages = selectPassages(found, budget);
  const { sources, numbered } = citeSources(passages, items);
  return {
    sources,
    sourceCount: Math.max(0, ...numbered.map(({ number }) => number)),
    message: contextMessage(numbered),
    searchTexts: texts,
    chunks: found,
    embeddingFailure: failure,
  };
}

async function embedTexts(
  texts: readonly string[],
  { embedder, signal }: RetrieveInput,
): Promise<{ vectors: Float32Array[] | null; failure: unknown }> {
  if (embedder === null) return { vectors: null, failure: null };
  try {
    return { vectors: await embedder.embed(texts, signal, { urgent: true }), failure: null };
  } catch (failure) {
    if (signal?.aborted) throw failure;
    return { vectors: null, failure };
  }
}

/** Characters of a token, about. */
const TOKEN_CHARS = 4;

/** The texts that came with the request, before all that is found: whoever sends a text along means all of it. */
function inlineChunks(items: readonly RequestedItem[]): FoundChunk[] {
  return items
    .flatMap(({ contents }) => contents)
    .flatMap(({ contentId, inlineText: text }, index) =>
      text === undefined ? [] : [inlineChunk(contentId, text, index)],
    );
}

function inlineChunk(contentId: string, text: string, index: number): FoundChunk {
  return {
    // No stored chunk has such a number.
    id: -1 - index,
    contentId,
    position: 0,
    page: null,
    headings: [],
    startOffset: 0,
    endOffset: text.length,
    tokenCount: Math.ceil(text.length / TOKEN_CHARS),
    text,
    score: Number.MAX_SAFE_INTEGER - index,
    similarity: null,
  };
}

/** What all texts find together: a chunk's scores are added up. */
async function searchAll(
  texts: readonly string[],
  vectors: readonly Float32Array[] | null,
  { items, search, embedder, signal }: RetrieveInput,
): Promise<FoundChunk[]> {
  const searched = items.flatMap(({ contents }) => contents.filter((file) => file.inlineText === undefined));
  const contentIds = [...new Set(searched.map((file) => file.contentId))];
  const found = await Promise.all(
    texts.map((text, index) => {
      const vector = vectors?.[index] ?? null;
      const query = { text, vector, embedder: vector && embedder!.name, contentIds, limit: FOUND_LIMIT };
      return search.search(query, signal);
    }),
  );
  const chunks = new Map<number, FoundChunk>();
  for (const chunk of found.flat()) {
    const other = chunks.get(chunk.id);
    chunks.set(chunk.id, other ? { ...other, score: other.score + chunk.score } : chunk);
  }
  return [...chunks.values()];
}
