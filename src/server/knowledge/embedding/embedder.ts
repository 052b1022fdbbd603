/** Turns texts into vectors whose cosine says how near they are in meaning. */
export interface Embedder {
  /** Stored with the vectors: those of another name cannot be compared. Such as `openai:text-embedding-3-small`. */
  readonly name: string;
  /** Null until the first text was embedded, where only the endpoint knows. */
  readonly dimensions: number | null;
  /** What is longer is cut or refused, as the model has it. */
  readonly maxTokens: number;
  /**
   * One vector of length 1 for each text, in their order. Urgent calls (a search that somebody waits for) pass ahead of
   * all others (documents).
   * @throws OffstageError `cancelled` when `signal` is aborted, at once; `model_unavailable` with what to install or
   * download; else why it failed, `retryable` where the same call may work later.
   */
  embed(
    texts: readonly string[],
    signal?: AbortSignal,
    options?: { urgent?: boolean },
  ): Promise<Float32Array[]>;
  /** Tokens of a text, without the marks around it. Of long texts and other people's models an estimate. */
  countTokens(text: string): number;
  /** Gives back what it holds; calls under way are rejected with `cancelled`. */
  close(): Promise<void>;
}
