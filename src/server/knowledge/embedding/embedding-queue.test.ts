import { expect, it } from "vitest";
import { OffstageError } from "../../../errors.ts";
import { createEmbeddingQueue, type EmbeddingReply } from "./embedding-queue.ts";

/** A model whose token is a text's length and whose vectors are of that one number; a text "bad" fails. */
function startQueue() {
  const replies: EmbeddingReply[] = [];
  const { promise: whole, resolve } = Promise.withResolvers<void>();
  let expected = Number.POSITIVE_INFINITY;
  const model = {
    encode: (text: string) => new Array<number>(Math.max(1, text.length)).fill(text.length),
    async run(encoded: readonly (readonly number[])[]) {
      if (encoded.some((tokens) => tokens[0] === 3)) throw new OffstageError("model_failed", "It failed.");
      return encoded.map((tokens) => Float32Array.of(tokens[0]!));
    },
  };
  const queue = createEmbeddingQueue(model, (reply) => {
    replies.push(reply);
    if (replies.length === expected) resolve();
  });
  return {
    queue,
    async replies(count: number) {
      expected = count;
      if (replies.length < count) await whole;
      return replies;
    },
  };
}

const ofLength = (...lengths: number[]) => lengths.map((length) => "x".repeat(length));

it("gives vectors in the order of their texts, over many batches", async () => {
  const { queue, replies } = startQueue();
  const lengths = Array.from({ length: 100 }, (_, index) => 10 + ((index * 37) % 100));
  queue.add({ id: 1, texts: ofLength(...lengths), urgent: false });
  expect(await replies(1)).toEqual([{ id: 1, vectors: lengths.map((length) => Float32Array.of(length)) }]);
});

it("lets urgent requests pass those that have begun, and keeps the order among equals", async () => {
  const { queue, replies } = startQueue();
  queue.add({ id: 1, texts: ofLength(100, 110, 120), urgent: false });
  queue.add({ id: 2, texts: ofLength(100), urgent: false });
  queue.add({ id: 3, texts: ofLength(90, 91), urgent: true });
  queue.add({ id: 4, texts: ofLength(90), urgent: true });
  expect((await replies(4)).map(({ id }) => id)).toEqual([3, 4, 1, 2]);
});

it("gives no reply to what was taken out, and goes on", async () => {
  const { queue, replies } = startQueue();
  queue.add({ id: 1, texts: ofLength(100, 110), urgent: false });
  queue.add({ id: 2, texts: ofLength(100), urgent: false });
  queue.cancel(1);
  queue.cancel(9);
  expect((await replies(1)).map(({ id }) => id)).toEqual([2]);
});

it("fails one request alone", async () => {
  const { queue, replies } = startQueue();
  queue.add({ id: 1, texts: ["bad"], urgent: false });
  queue.add({ id: 2, texts: ofLength(5), urgent: false });
  expect(await replies(2)).toEqual([
    { id: 1, code: "model_failed", message: "It failed." },
    { id: 2, vectors: [Float32Array.of(5)] },
  ]);
});
