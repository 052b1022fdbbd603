import { createRandom, createRankSource, type Random } from "./knowledge-random.ts";

/** How many chunks there are, in contents of so many each. */
export interface ChunkPlan {
  chunks: number;
  chunksPerContent: number;
  dimensions: number;
}

/** A chunk to be stored, and where its meaning lies. */
export interface MadeChunk {
  text: string;
  vector: Float32Array;
}

/** What is looked for. */
export interface MadeQuery {
  text: string;
  vector: Float32Array;
}

const VOCABULARY = 30_000;
const WORDS_PER_CHUNK = 110;
const CONTENTS_PER_TOPIC = 4;
/**
 * Which shares of a vector's square are everybody's, its topic's and its content's; the rest is its own. Two chunks have
 * a cosine of 0.05, of 0.35 on one topic and of 0.55 in one content, as those of all-MiniLM-L6-v2 about have.
 */
const SHARES = { common: 0.05, topic: 0.3, content: 0.2 };
/** What a query shares with the chunk that answers it: a cosine of 0.67. */
const QUERY_SHARE = 0.45;
const WORDS_PER_QUERY = 8;
/** Of a query's words, those that its chunk holds. */
const WORDS_OF_CHUNK = 5;

/** Makes contents one after another, the same each time: words by Zipf's law, vectors in clusters. */
export function* makeContents({ chunks, chunksPerContent, dimensions }: ChunkPlan): Generator<MadeChunk[]> {
  const random = createRandom(1);
  const word = createWords(random);
  const direction = () => makeDirection(random, dimensions);
  const common = direction();
  let topic = direction();
  for (let first = 0; first < chunks; first += chunksPerContent) {
    if ((first / chunksPerContent) % CONTENTS_PER_TOPIC === 0) topic = direction();
    const content = direction();
    yield Array.from({ length: Math.min(chunksPerContent, chunks - first) }, () => ({
      text: Array.from({ length: WORDS_PER_CHUNK }, word).join(" "),
      vector: blend([
        [SHARES.common, common],
        [SHARES.topic, topic],
        [SHARES.content, content],
        [1 - SHARES.common - SHARES.topic - SHARES.content, direction()],
      ]),
    }));
  }
}

/** Makes queries to the chunks of a plan, each to one of another content. */
export function makeQueries(plan: ChunkPlan, count: number): MadeQuery[] {
  const step = Math.max(1, Math.floor(plan.chunks / plan.chunksPerContent / count));
  const wanted = makeContents(plan)
    .filter((_, index) => index % step === 0)
    .map((chunks, index) => chunks[index % chunks.length]!)
    .take(count);
  return makeQueriesTo([...wanted]);
}

/** Makes one query to each chunk: some of its words among others, and a direction near its own. */
export function makeQueriesTo(chunks: readonly MadeChunk[]): MadeQuery[] {
  const random = createRandom(2);
  const anyWord = createWords(random);
  return chunks.map(({ text, vector }) => {
    const words = text.split(" ");
    const query = Array.from({ length: WORDS_PER_QUERY }, (_, index) =>
      index < WORDS_OF_CHUNK ? words[random.below(words.length)]! : anyWord(),
    );
    return {
      text: query.join(" "),
      vector: blend([
        [QUERY_SHARE, vector],
        [1 - QUERY_SHARE, makeDirection(random, vector.length)],
      ]),
    };
  });
}

function createWords(random: Random): () => string {
  const words = Array.from({ length: VOCABULARY }, (_, rank) => spell(rank));
  const rank = createRankSource(random, VOCABULARY);
  return () => words[rank()]!;
}

const CONSONANTS = "bdfgklmnprstvz";
const VOWELS = "aeiou";

/** A word for each number, common ones shorter. */
export function spell(rank: number): string {
  let word = "";
  for (let left = rank + CONSONANTS.length * VOWELS.length; left > 0; ) {
    word += CONSONANTS[left % CONSONANTS.length]!;
    left = Math.floor(left / CONSONANTS.length);
    word += VOWELS[left % VOWELS.length]!;
    left = Math.floor(left / VOWELS.length);
  }
  return word;
}

function makeDirection(random: Random, dimensions: number): Float32Array {
  return unit(Float32Array.from({ length: dimensions }, random.normal));
}

function blend(parts: readonly (readonly [share: number, direction: Float32Array])[]): Float32Array {
  return unit(
    parts[0]![1].map((_, index) =>
      parts.reduce((sum, [share, direction]) => sum + Math.sqrt(share) * direction[index]!, 0),
    ),
  );
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((number) => number / length);
}
