import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import {
  askInput,
  closeStages,
  type FlowStage,
  NEWEST,
  OLDEST,
  openStage,
} from "../../test/support/flow-stage.ts";
import type { CallOptions, OpenWebUiClient } from "../client/open-webui-client.ts";
import { OffstageError } from "../errors.ts";
import { createOffstage, type Offstage } from "./create-offstage.ts";
import type { Turn } from "./turn.ts";

const TIMEOUT_MS = 60_000;
const LAST_CALLS_MS = 10_000;
const CANCELLED_MS = 20_000;
const UNLIMITED = ["serverNowMs", "liveEvents"];

afterEach(closeStages);

/** The stage's Offstage, on a server that never answers again from the n-th call on. */
function fallsSilent({ offstage, clock }: FlowStage, silentFrom: number) {
  const { promise: silent, resolve: fallSilent } = Promise.withResolvers<void>();
  let calls = 0;
  const hang = async ({ signal, deadlineAtMs = Number.POSITIVE_INFINITY }: CallOptions) => {
    fallSilent();
    await clock.sleep(deadlineAtMs - clock.nowMs(), signal).catch(() => {
      throw new OffstageError("cancelled", "The call was cancelled by its caller.");
    });
    throw new OffstageError("timed_out", "The call did not end before its deadline.");
  };
  const client = new Proxy(offstage.client, {
    get(target, name: keyof OpenWebUiClient) {
      const call = target[name];
      if (typeof call !== "function" || UNLIMITED.includes(name)) return call;
      return (...args: unknown[]) =>
        calls++ < silentFrom ? Reflect.apply(call, target, args) : hang(args.at(-1) as CallOptions);
    },
  });
  return { offstage: createOffstage({ client, clock }), silent, calls: () => calls };
}

/** Takes one turn, from asking, on a server that falls silent at its first call, its second, and so on. */
async function atEachCall(
  behaviour: typeof NEWEST,
  take: (turn: Turn, silent: Promise<void>, clock: FlowStage["clock"]) => Promise<void>,
): Promise<void> {
  for (let silentFrom = 0; ; silentFrom++) {
    const stage = openStage(behaviour);
    stage.server.answer = () => ({ words: Array.from({ length: 40 }, () => "word ") });
    const { offstage, silent, calls } = fallsSilent(stage, silentFrom);
    const turn = ask(offstage);
    const ended = turn.answer().catch(() => {});
    await Promise.race([silent, ended]);
    if (calls() <= silentFrom) break;
    await take(turn, silent, stage.clock);
    await offstage.close();
  }
}

function ask(offstage: Offstage): Turn {
  return offstage.ask(askInput({ wait: "poll", timeoutMs: TIMEOUT_MS, title: "A test" }));
}

describe.each([OLDEST, NEWEST])("a server that falls silent at any call ($version)", (behaviour) => {
  it("holds a turn no longer than its deadline and the time for its last calls", async () => {
    await atEachCall(behaviour, async (turn, _silent, clock) => {
      const startedAtMs = clock.nowMs();
      await expect(turn.answer()).rejects.toMatchObject({ code: "timed_out" });
      expect(clock.nowMs() - startedAtMs).toBeLessThanOrEqual(TIMEOUT_MS + LAST_CALLS_MS);
    });
  });

  it("holds a cancelled turn no longer than for its reply and its last calls", async () => {
    await atEachCall(behaviour, async (turn, _silent, clock) => {
      const cancelledAtMs = clock.nowMs();
      expect(["cancelled", "failed"]).toContain(await turn.cancel());
      expect(clock.nowMs() - cancelledAtMs).toBeLessThanOrEqual(CANCELLED_MS);
    });
  });
});

describe("a cancelled turn", () => {
  it.each([0, 1])("does not wait for its first look to end", async (looks) => {
    const stage = openStage(NEWEST);
    const { chatId } = await stage.offstage.ask(askInput()).answer();
    const { offstage, silent } = fallsSilent(stage, looks);
    const turn = offstage.ask(askInput({ chatId }));
    await silent;
    await setImmediate();
    const cancelledAtMs = stage.clock.nowMs();
    expect(await turn.cancel()).toBe("cancelled");
    expect(stage.clock.nowMs()).toBe(cancelledAtMs);
    await offstage.close();
  });
});
