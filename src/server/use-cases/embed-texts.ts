import type { Usage } from "../../contract/completion.ts";
import { OffstageError } from "../../errors.ts";
import type { Identity } from "../auth/authenticate.ts";
import type { Context } from "../context.ts";
import type { EmbeddingsRequest, ProviderJson } from "../providers/provider.ts";
import { findUsableModel } from "./find-model.ts";
import { meteredCall } from "./metered-call.ts";

/**
 * Embeds texts as OpenAI's `POST /v1/embeddings` does: by the provider whose model is named, or by the server's own
 * embedder under its own name. Nothing is kept; it is counted as an answer is.
 * @throws OffstageError `rate_limited`, `not_found` (as 400) for a model, `bad_input` for one that does not embed
 */
export async function embedTexts(
  context: Context,
  identity: Identity,
  request: EmbeddingsRequest,
  signal: AbortSignal,
): Promise<ProviderJson> {
  const { embedder } = context.knowledge;
  if (embedder?.name === request.model) {
    const texts = textsOf(request);
    return meteredCall(context, identity, async (spend) => {
      const vectors = await embedder.embed(texts, signal, { urgent: true });
      spend(tokensOf(request));
      return { status: 200, kind: "json", body: encodeVectors(request, vectors) };
    });
  }
  const { provider, model } = await findUsableModel(context, identity.user, request.model);
  const embed = provider.embed?.bind(provider);
  if (embed)
    return meteredCall(context, identity, async (spend) => {
      const response = await embed({ ...request, model: model.id }, signal);
      const { usage } = (response.body ?? {}) as { usage?: Usage | null };
      if (response.status < 400) spend(usage?.total_tokens || tokensOf(request));
      return response;
    });
  const own = embedder ? `; this server's own embedder is called "${embedder.name}"` : "";
  throw new OffstageError("bad_input", `The provider of "${model.id}" makes no embeddings${own}.`);
}

/** Where nobody counts them: a token has four characters, about; a number is one. */
function tokensOf({ input }: EmbeddingsRequest): number {
  const parts = typeof input === "string" ? [input] : input.flat();
  const texts = parts.filter((part) => typeof part === "string");
  return parts.length - texts.length + Math.ceil(texts.join("").length / CHARS_PER_TOKEN);
}

const CHARS_PER_TOKEN = 4;

function textsOf({ input, model, dimensions }: EmbeddingsRequest): string[] {
  const texts = typeof input === "string" ? [input] : input;
  if (dimensions !== undefined || texts.some((text) => typeof text !== "string")) {
    throw new OffstageError("bad_input", `"${model}" takes texts only, and makes vectors of one length.`);
  }
  return texts as string[];
}

function encodeVectors({ model, encoding_format }: EmbeddingsRequest, vectors: readonly Float32Array[]) {
  const encode = (vector: Float32Array) =>
    encoding_format === "base64"
      ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64")
      : Array.from(vector);
  return {
    object: "list",
    model,
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encode(vector) })),
    usage: { prompt_tokens: 0, total_tokens: 0 },
  };
}
