import fc from "fast-check";
import { expect, it } from "vitest";
import { createSequenceQueue } from "./sequence-queue.ts";

const never = new AbortController().signal;

it("serves in the order of coming", async () => {
  const queue = createSequenceQueue(["only"], 10);
  const served: number[] = [];
  await queue.acquire(never);
  const waiters = [1, 2, 3].map(async (number) => {
    const item = await queue.acquire(never);
    served.push(number);
    queue.release(item);
  });
  queue.release("only");
  await Promise.all(waiters);
  expect(served).toEqual([1, 2, 3]);
});

it("lends what is liked best, else what was idle longest", async () => {
  const queue = createSequenceQueue([1, 2, 3], 10);
  expect(await queue.acquire(never, (item) => item)).toBe(3);
  expect(await queue.acquire(never)).toBe(1);
  queue.release(3);
  expect(await queue.acquire(never)).toBe(2);
  expect(await queue.acquire(never)).toBe(3);
});

it("refuses when too many wait", async () => {
  const queue = createSequenceQueue(["only"], 1);
  await queue.acquire(never);
  const waiting = queue.acquire(never);
  await expect(queue.acquire(never)).rejects.toMatchObject({ code: "rate_limited", httpStatus: 429 });
  queue.release("only");
  expect(await waiting).toBe("only");
});

it("forgets who gives up waiting", async () => {
  const queue = createSequenceQueue(["only"], 1);
  await queue.acquire(never);
  const stop = new AbortController();
  const given = queue.acquire(stop.signal);
  stop.abort();
  await expect(given).rejects.toMatchObject({ code: "cancelled" });
  await expect(queue.acquire(stop.signal)).rejects.toMatchObject({ code: "cancelled" });
  expect(queue.waitingCount).toBe(0);
  queue.release("only");
  expect(queue.idleCount).toBe(1);
});

it("never lends one thing twice and loses none, whatever comes", async () => {
  const steps = fc.array(fc.constantFrom("acquire", "release", "abort"), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const queue = createSequenceQueue([1, 2, 3], 100);
      const held: number[] = [];
      const stops: AbortController[] = [];
      for (const step of sequence) {
        if (step === "acquire") {
          const stop = new AbortController();
          stops.push(stop);
          queue.acquire(stop.signal).then(
            (item) => {
              expect(held).not.toContain(item);
              held.push(item);
            },
            () => {},
          );
        } else if (step === "abort") stops.shift()?.abort();
        else if (held.length > 0) queue.release(held.shift()!);
        await Promise.resolve();
        await Promise.resolve();
      }
      while (held.length > 0) {
        queue.release(held.shift()!);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(queue.idleCount).toBe(3);
    }),
    { numRuns: 50 },
  );
});
