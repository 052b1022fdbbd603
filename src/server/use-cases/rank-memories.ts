import type { MemoryTable } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { QuestionEmbedder } from "../knowledge/retrieval/retrieve.ts";
import { contentWordsOf } from "../knowledge/retrieval/stop-words.ts";
import { decodeVector, encodeVector } from "../knowledge/retrieval/vector-bytes.ts";

/** A memory, and how near it is to what was asked: 1 at most, comparable within one ranking only. */
export interface RankedMemory {
  memory: MemoryTable;
  score: number;
}

/**
 * Memories by how near they are to the texts, nearest first: by their vectors, all of them; by their words where there is
 * no embedder or it fails, only those that share one. Vectors that are missing are made, and kept for the next time.
 * @throws OffstageError `cancelled` when `signal` is aborted
 */
export async function rankMemories(
  { knowledge, store, log }: Pick<Context, "knowledge" | "store" | "log">,
  memories: readonly MemoryTable[],
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<RankedMemory[]> {
  const { embedder } = knowledge;
  if (!embedder || memories.length === 0) return rankByWords(memories, texts);
  try {
    const { questions, known, made } = await vectorsOf(embedder, memories, texts, signal);
    if (made.length > 0) {
      await store.write(async (tx) => {
        for (const { memory, vector } of made)
          await store.memories.keepMemoryVector(tx, {
            id: memory.id,
            content: memory.content,
            embedder: embedder.name,
            vector: encodeVector(vector),
          });
      });
    }
    return nearestFirst(
      [...known, ...made].map(({ memory, vector }) => ({
        memory,
        score: Math.max(...questions.map((question) => cosine(question, vector))),
      })),
    );
  } catch (failure) {
    if (signal?.aborted) throw failure;
    log.warn({ err: failure }, "memories were searched by words alone");
    return rankByWords(memories, texts);
  }
}

async function vectorsOf(
  embedder: QuestionEmbedder,
  memories: readonly MemoryTable[],
  texts: readonly string[],
  signal: AbortSignal | undefined,
) {
  const known = memories.flatMap((memory) =>
    memory.vector && memory.embedder === embedder.name
      ? [{ memory, vector: decodeVector(memory.vector) }]
      : [],
  );
  const seen = new Set(known.map(({ memory }) => memory.id));
  const missing = memories.filter(({ id }) => !seen.has(id));
  const vectors = await embedder.embed([...texts, ...missing.map(({ content }) => content)], signal, {
    urgent: true,
  });
  const questions = vectors.slice(0, texts.length);
  const made = missing.map((memory, index) => ({ memory, vector: vectors[texts.length + index]! }));
  return { questions, known, made };
}

/** Of vectors of length 1. */
function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** The share of the texts' telling words that a memory has, each weighed by how few memories have it. */
export function rankByWords(memories: readonly MemoryTable[], texts: readonly string[]): RankedMemory[] {
  const asked = new Set(contentWordsOf(texts.join("\n")));
  const found = memories.map(
    ({ content }) => new Set(contentWordsOf(content).filter((word) => asked.has(word))),
  );
  const counts = new Map<string, number>();
  for (const words of found) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weightOf = (word: string) => Math.log(1 + memories.length / (counts.get(word) ?? 1));
  const sum = (words: Iterable<string>) => [...words].reduce((total, word) => total + weightOf(word), 0);
  const whole = sum(asked);
  return nearestFirst(
    memories.flatMap((memory, index) =>
      found[index]!.size > 0 ? [{ memory, score: sum(found[index]!) / whole }] : [],
    ),
  );
}

const nearestFirst = (ranked: RankedMemory[]) => ranked.sort((a, b) => b.score - a.score);
