import type { Embedder } from "../../src/server/knowledge/embedding/embedder.ts";
import { retrieve } from "../../src/server/knowledge/retrieval/retrieve.ts";
import type { FusionOptions } from "../../src/server/knowledge/retrieval/score-fusion.ts";
import { SqliteChunkSearch } from "../../src/server/knowledge/retrieval/sqlite/sqlite-chunk-search.ts";
import { type IngestedDocuments, ingestDocuments } from "./ingested-documents.ts";
import type { ConversationTurn, FoundPassage, RetrievalDocument, Retriever } from "./retriever.ts";

/** What a retriever leaves out of what our server does. */
interface Variant {
  name: string;
  fusion?: Partial<FusionOptions>;
  withoutVectors?: boolean;
  withoutConversation?: boolean;
}

const VARIANTS: readonly Variant[] = [
  { name: "words", withoutVectors: true },
  { name: "vectors", fusion: { wordWeight: 0 } },
  { name: "hybrid" },
  { name: "hybrid, question alone", withoutConversation: true },
];

/** Takes in documents once, for all who ask. */
type Ingest = (documents: readonly RetrievalDocument[]) => Promise<IngestedDocuments>;

/**
 * What our server finds (`hybrid`), and the same by words alone, by vectors alone, and without the conversation before
 * the question. They share one database, which the first makes in an empty folder. The embedder stays open.
 */
export function createOffstageRetrievers(place: { embedder: Embedder; folder: string }): Retriever[] {
  let ingested: Promise<IngestedDocuments> | undefined;
  const ingest: Ingest = (documents) => (ingested ??= ingestDocuments(documents, place));
  return VARIANTS.map((variant) => new OffstageRetriever(variant, place.embedder, ingest));
}

class OffstageRetriever implements Retriever {
  readonly name: string;
  readonly #variant: Variant;
  readonly #embedder: Embedder;
  readonly #ingest: Ingest;
  #ingested: IngestedDocuments | undefined;
  #search: SqliteChunkSearch | undefined;

  constructor(variant: Variant, embedder: Embedder, ingest: Ingest) {
    this.name = variant.name;
    this.#variant = variant;
    this.#embedder = embedder;
    this.#ingest = ingest;
  }

  async index(documents: readonly RetrievalDocument[]): Promise<void> {
    this.#ingested = await this.#ingest(documents);
    this.#search = new SqliteChunkSearch({
      path: this.#ingested.databasePath,
      ...(this.#variant.fusion && { fusion: this.#variant.fusion }),
    });
  }

  async search(
    question: string,
    conversation: readonly ConversationTurn[],
    k: number,
  ): Promise<FoundPassage[]> {
    const { withoutConversation, withoutVectors } = this.#variant;
    const { sources, embeddingFailure } = await retrieve({
      messages: [...(withoutConversation ? [] : conversation), { role: "user", content: question }],
      items: [{ item: { type: "collection", id: "judged" }, contents: this.#ingested!.contents }],
      search: this.#search!,
      embedder: withoutVectors ? null : this.#embedder,
    });
    if (embeddingFailure !== null) throw embeddingFailure;
    const found = sources.flatMap(({ document, metadata }) =>
      document.map((text, index) => ({ document: metadata[index]!.name, text })),
    );
    return found.slice(0, k);
  }

  async close(): Promise<void> {
    await this.#search?.close();
  }
}
