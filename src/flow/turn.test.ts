import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import {
  ANSWER,
  askInput,
  closeStages,
  NEWEST,
  OLDEST,
  OURS,
  openStage,
  versionOf,
} from "../../test/support/flow-stage.ts";
import type { LiveEvent } from "../client/open-webui-client.ts";
import type { TurnEvent } from "./turn-event.ts";

afterEach(closeStages);

async function eventsOf(turn: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn) events.push(event);
  return events;
}

describe("what a turn tells", () => {
  it.each([OLDEST, OURS])("are the seven steps in order, against offstage $offstage", async (behaviour) => {
    const { offstage } = openStage(behaviour);
    const turn = offstage.ask(askInput());
    const events = await eventsOf(turn);
    const done = events.filter((event) => event.type === "step-done");
    expect(done.flatMap(({ tutorialSteps }) => tutorialSteps)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect((await turn.answer()).steps.map(({ name }) => name)).toEqual(done.map(({ name }) => name));
    expect(done.find(({ name }) => name === "savePlaceholder")?.attempts).toBe(0);
    expect(done.find(({ name }) => name === "completeMessage")?.attempts).toBe(behaviour === OURS ? 1 : 0);
  });

  it.each([versionOf("0.11.4"), OURS])(
    "is the growing text, whose deltas make the whole ($version)",
    async (behaviour) => {
      const { offstage } = openStage(behaviour);
      const turn = offstage.ask(askInput());
      let text = "";
      for await (const event of turn) {
        if (event.type !== "answer-delta") continue;
        text += event.delta;
        expect(event.snapshot).toBe(text);
      }
      expect(text).toBe(ANSWER);
    },
  );

  it("is the model's thinking apart from its text, where servers tell it only at the end", async () => {
    const { offstage, server } = openStage(OLDEST);
    const thinking = '<details type="reasoning"><summary>Thought</summary>\n> hm\n</details>\n';
    server.answer = () => ({ words: [thinking, "yes"] });
    const turn = offstage.ask(askInput());
    const events = await eventsOf(turn);
    const told = events.filter(({ type }) => type === "reasoning-delta");
    expect(told).toMatchObject([{ delta: "hm", snapshot: "hm" }]);
    expect(await turn.answer()).toMatchObject({ text: "yes", reasoning: "hm" });
  });

  it("is the same for every reader, and does not need one", async () => {
    const { offstage } = openStage();
    const turn = offstage.ask(askInput());
    const [first, second] = await Promise.all([eventsOf(turn), eventsOf(turn)]);
    expect(second).toEqual(first);
    await turn.answer();
    expect((await eventsOf(turn)).at(-1)).toEqual(first.at(-1));
  });

  it("throws from a reader's loop what the answer rejects with", async () => {
    const { offstage, server } = openStage();
    server.answer = () => ({ words: [], error: "no" });
    const turn = offstage.ask(askInput());
    await expect(eventsOf(turn)).rejects.toMatchObject({ code: "model_failed" });
  });

  it("crashes nobody when it fails unobserved", async () => {
    const { offstage, server } = openStage();
    server.answer = () => ({ words: [], error: "no" });
    const turn = offstage.ask(askInput());
    while (turn.state !== "failed") await setImmediate();
    await setImmediate();
  });
});

describe("live events", () => {
  async function* live(events: LiveEvent[], signal: AbortSignal | undefined): AsyncIterable<LiveEvent> {
    yield { type: "connected", sessionId: "sid" };
    yield* events;
    await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
    yield { type: "closed", error: null };
  }

  it("are one connection for all turns, closed after the last", async () => {
    const seen: (AbortSignal | undefined)[] = [];
    const { offstage } = openStage(NEWEST, (signal) => {
      seen.push(signal);
      return live([], signal);
    });
    const turns = ["a", "b"].map((content) => offstage.ask(askInput({ content, wait: "events" })));
    await Promise.all(turns.map((turn) => turn.answer()));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.aborted).toBe(true);
  });

  it("bring text before the chat shows any", async () => {
    const ids = { userMessageId: "u", answerIds: ["a"], sessionId: "s" };
    const { offstage, server } = openStage(OLDEST, async function* (signal) {
      yield { type: "connected", sessionId: "sid" };
      while (server.tasks.size === 0) await setImmediate();
      const chatId = [...server.chats.keys()][0] ?? "";
      yield { type: "answer-delta", chatId, messageId: "a", delta: "You ", snapshot: "You " };
      yield* live([], signal);
    });
    const turn = offstage.ask(askInput({ wait: "events", ids }));
    const deltas = (await eventsOf(turn)).filter((event) => event.type === "answer-delta");
    expect(deltas.map(({ delta }) => delta).join("")).toBe(ANSWER);
  });
});
