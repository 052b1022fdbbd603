import { setImmediate } from "node:timers/promises";
import { asOffstageError, type ErrorCode } from "../../../errors.ts";
import type { MiniLm } from "./minilm-session.ts";
import { planBatches } from "./token-batches.ts";

/** Texts to embed; urgent ones come before all others. */
export interface EmbeddingRequest {
  id: number;
  texts: readonly string[];
  urgent: boolean;
}

/** What became of a request: its vectors in the order of its texts, or what an OffstageError is rebuilt from. */
export type EmbeddingReply =
  | { id: number; vectors: Float32Array[] }
  | { id: number; code: ErrorCode; message: string };

/** Requests for one model, batch by batch: between two batches an urgent request may come first, or one may be taken out. */
export interface EmbeddingQueue {
  add(request: EmbeddingRequest): void;
  /** A request taken out gets no reply. */
  cancel(id: number): void;
}

/** A request under way. */
interface Job extends EmbeddingRequest {
  /** Those of the first `encoded` texts are there, or in `batches`. */
  vectors: Float32Array[];
  encoded: number;
  batches: { positions: number[]; tokens: number[][] }[];
}

/** Texts that are split into tokens at once, to be batched by their lengths. */
const WINDOW = 32;

/** A queue for `model` that gives each reply to `answer`. */
export function createEmbeddingQueue(model: MiniLm, answer: (reply: EmbeddingReply) => void): EmbeddingQueue {
  /** In the order of their coming. */
  const jobs = new Map<number, Job>();
  /** Whether `work` runs; never false while there are jobs. */
  let working = false;

  async function work(): Promise<void> {
    working = true;
    while (jobs.size > 0) {
      const job = jobs.values().find(({ urgent }) => urgent) ?? jobs.values().next().value!;
      try {
        await advance(job);
      } catch (thrown) {
        const { code, message } = asOffstageError(thrown);
        if (jobs.delete(job.id)) answer({ id: job.id, code, message });
      }
      // Lets messages in.
      await setImmediate();
    }
    working = false;
  }

  async function advance(job: Job): Promise<void> {
    if (job.batches.length === 0) encodeWindow(job);
    const batch = job.batches.pop();
    if (batch !== undefined) {
      const vectors = await model.run(batch.tokens);
      for (const [index, position] of batch.positions.entries()) job.vectors[position] = vectors[index]!;
    }
    const whole = job.batches.length === 0 && job.encoded === job.texts.length;
    if (whole && jobs.delete(job.id)) answer({ id: job.id, vectors: job.vectors });
  }

  function encodeWindow(job: Job): void {
    const start = job.encoded;
    const tokens = job.texts.slice(start, start + WINDOW).map(model.encode);
    job.encoded += tokens.length;
    job.batches = planBatches(tokens.map(({ length }) => length)).map((positions) => ({
      positions: positions.map((position) => start + position),
      tokens: positions.map((position) => tokens[position]!),
    }));
  }

  return {
    add(request) {
      jobs.set(request.id, { ...request, vectors: [], encoded: 0, batches: [] });
      if (!working) void work();
    },
    cancel(id) {
      jobs.delete(id);
    },
  };
}
