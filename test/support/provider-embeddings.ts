import { createHash } from "node:crypto";
import { parseDirectives, splitTokens } from "./provider-answer.ts";

/** The part of an embeddings request that the test provider reads. */
export interface EmbeddingsBody {
  model: string;
  input: string | string[];
  dimensions?: number;
}

const DIMENSIONS = 384;

/** Whether a body is one of `POST /v1/embeddings`. */
export function isEmbeddingsBody(body: object | undefined): body is EmbeddingsBody {
  const input = (body as Partial<EmbeddingsBody> | undefined)?.input;
  return (
    typeof input === "string" || (Array.isArray(input) && input.every((text) => typeof text === "string"))
  );
}

/**
 * The answer to an embeddings request, or the status that a `[[status=…]]` in any of its texts asks for. `[[count=…]]`
 * sends so many vectors, `[[dimensions=…]]` longer or shorter ones. Vectors are not of length 1.
 */
export function answerEmbeddings({ model, input, dimensions = DIMENSIONS }: EmbeddingsBody): object | number {
  const texts = typeof input === "string" ? [input] : input;
  const directives = parseDirectives(texts.join("\n"));
  if (directives.status !== undefined) return Number(directives.status);
  const length = Number(directives.dimensions ?? dimensions);
  const data = texts.map((text, index) => ({
    object: "embedding",
    index,
    embedding: wordVector(text, length),
  }));
  const tokens = texts.reduce((sum, text) => sum + splitTokens(text).length, 0);
  return {
    object: "list",
    model,
    data: data.slice(0, Number(directives.count ?? data.length)),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A vector by the words of a text: texts with words in common are near each other, and case does not count. */
export function wordVector(text: string, dimensions = DIMENSIONS): number[] {
  const vector: number[] = new Array(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [""]) {
    const hash = createHash("sha256").update(word).digest();
    for (const place of [0, 6, 12, 18])
      vector[hash.readUInt32LE(place) % dimensions]! += hash[place + 4]! % 2 === 0 ? 1 : -1;
  }
  return vector.some((value) => value !== 0) ? vector : vector.fill(1);
}
