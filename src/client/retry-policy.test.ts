import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError, type ErrorCode, OffstageError } from "../errors.ts";
import { createRetryPolicy } from "./retry-policy.ts";

const FOR_EVER = { deadlineAtMs: Number.POSITIVE_INFINITY };
const failed = (retryAfterSec: number | null = null) =>
  new ApiError("server_failed", "down", { status: 503, body: "", requestId: null, retryAfterSec });

/** A clock whose time passes only by sleeping, and what was slept. */
function sleepingClock() {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    clock: {
      nowMs: () => now,
      sleep: async (ms: number, signal?: AbortSignal) => {
        signal?.throwIfAborted();
        slept.push(ms);
        now += ms;
      },
    },
  };
}

/** Runs something that fails with `error` `times` times. */
async function runFailing(times: number, error: Error, options = {}, limits = FOR_EVER, random = () => 1) {
  const { slept, clock } = sleepingClock();
  let attempts = 0;
  const outcome = await createRetryPolicy(options, clock, random)
    .run(async () => {
      attempts++;
      if (attempts <= times) throw error;
      return "done";
    }, limits)
    .catch((thrown) => thrown);
  return { outcome, attempts, slept };
}

describe("a failing call", () => {
  it("is tried again after pauses that double up to the longest", async () => {
    expect(await runFailing(5, failed(), { retries: 5, firstDelayMs: 100, maxDelayMs: 500 })).toEqual({
      outcome: "done",
      attempts: 6,
      slept: [100, 200, 400, 500, 500],
    });
  });

  it("ends with its last error when all attempts are used", async () => {
    const error = failed();
    expect(await runFailing(9, error, { retries: 2 })).toMatchObject({ outcome: error, attempts: 3 });
    expect(await runFailing(9, error, { retries: 0 })).toMatchObject({ outcome: error, attempts: 1 });
  });

  it.each<[ErrorCode, number]>([
    ["timed_out", 2],
    ["unreachable", 2],
    ["rate_limited", 2],
    ["server_failed", 2],
    ["bad_input", 1],
    ["unauthorized", 1],
    ["not_open_webui", 1],
    ["conflict", 1],
    ["cancelled", 1],
  ])("by %s is attempted %i times", async (code, attempts) => {
    expect(await runFailing(1, new OffstageError(code, "no"))).toMatchObject({ attempts });
  });

  it("waits as long as the server asks, but gives up at once where that is more than a minute", async () => {
    const options = { firstDelayMs: 10, maxDelayMs: 3_000 };
    expect((await runFailing(1, failed(2), options)).slept).toEqual([2_000]);
    expect((await runFailing(1, failed(60), options)).slept).toEqual([60_000]);
    const error = failed(61);
    expect(await runFailing(1, error, options)).toMatchObject({ outcome: error, attempts: 1, slept: [] });
  });

  it("does not begin a pause that would pass the deadline", async () => {
    const { outcome, slept } = await runFailing(9, failed(), { firstDelayMs: 100 }, { deadlineAtMs: 250 });
    expect(outcome).toMatchObject({ code: "server_failed" });
    expect(slept).toEqual([100]);
  });

  it("that broke by a mistake of ours is not tried again", async () => {
    const mistake = new TypeError("x is undefined");
    expect(await runFailing(9, mistake)).toMatchObject({ outcome: mistake, attempts: 1 });
  });
});

it("pauses are anywhere between nothing and the bound", async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), async (random) => {
      const { slept } = await runFailing(
        4,
        failed(),
        { firstDelayMs: 100, maxDelayMs: 300 },
        FOR_EVER,
        () => random,
      );
      expect(slept).toEqual([100, 200, 300, 300].map((bound) => random * bound));
    }),
  );
});
