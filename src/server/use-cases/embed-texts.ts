import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import type { EmbeddingsRequest, ProviderJson } from "../providers/provider.ts";
import { findUsableModel } from "./find-model.ts";

/**
 * Embeds texts as OpenAI's `POST /v1/embeddings` does: by the provider whose model is named, or by the server's own
 * embedder under its own name. Nothing is kept.
 * @throws OffstageError `not_found` (as 400) for a model, `bad_input` for one that does not embed
 */
export async function embedTexts(
  context: Context,
  user: User,
  request: EmbeddingsRequest,
  signal: AbortSignal,
): Promise<ProviderJson> {
  const { embedder } = context.knowledge;
  if (embedder?.name === request.model) {
    const vectors = await embedder.embed(textsOf(request), signal, { urgent: true });
    return { status: 200, kind: "json", body: encodeVectors(request, vectors) };
  }
  const { provider, model } = await findUsableModel(context, user, request.model);
  if (provider.embed) return provider.embed({ ...request, model: model.id }, signal);
  const own = embedder ? `; this server's own embedder is called "${embedder.name}"` : "";
  throw new OffstageError("bad_input", `The provider of "${model.id}" makes no embeddings${own}.`);
}

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
