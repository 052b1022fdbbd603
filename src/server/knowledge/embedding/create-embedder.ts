import type { ModelProgress } from "../../providers/model-file.ts";
import type { Embedder } from "./embedder.ts";
import { createLocalEmbedder, type LocalEmbedderOptions } from "./local-embedder.ts";
import { createOpenAiEmbedder, type OpenAiEmbedderOptions } from "./openai-embedder.ts";

/** Who turns texts into vectors: a model on this machine, an endpoint with OpenAI's API, or nobody. */
export type EmbedderConfig =
  | ({ kind: "local" } & Pick<LocalEmbedderOptions, "modelPath" | "threads" | "idleMs">)
  | ({ kind: "openai" } & Pick<
      OpenAiEmbedderOptions,
      "baseUrl" | "apiKey" | "model" | "dimensions" | "maxTokens"
    >)
  | { kind: "none" };

export interface EmbedderDeps {
  /** The local model's file is kept in `models/` under it. */
  dataDir: string;
  /** Told while the local model's file is got. */
  onProgress?: ((progress: ModelProgress) => void) | undefined;
}

/**
 * The embedder of a server, or null where documents are found by their words alone. Nothing is loaded or asked before
 * the first text.
 * @throws OffstageError `bad_input` for a base URL that is none
 */
export function createEmbedder(config: EmbedderConfig, deps: EmbedderDeps): Embedder | null {
  if (config.kind === "local") return createLocalEmbedder({ ...deps, ...config });
  return config.kind === "openai" ? createOpenAiEmbedder(config) : null;
}
