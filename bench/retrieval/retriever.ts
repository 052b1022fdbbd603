/** A file of the judged set, as a person would upload it. */
export interface RetrievalDocument {
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

/** An earlier message of the conversation that a question stands in. */
export interface ConversationTurn {
  role: "user" | "assistant";
  content: string;
}

/** A stretch of a document that a retriever found. */
export interface FoundPassage {
  /** The name of the document. */
  document: string;
  /** What would be put before the model, however it was cut out of the document. */
  text: string;
}

/** A way to find passages, under measurement: an own search alone, several fused, another server over HTTP. */
export interface Retriever {
  /** Names its column in the table. */
  readonly name: string;
  /** Takes in all documents; resolves once they can be searched. Called once, before any search. */
  index(documents: readonly RetrievalDocument[]): Promise<void>;
  /** At most `k` passages, best first. The conversation is oldest first and does not hold the question. */
  search(question: string, conversation: readonly ConversationTurn[], k: number): Promise<FoundPassage[]>;
  /** Frees what `index` took. */
  close(): Promise<void>;
}
