import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Fault } from "../../test/support/fake-open-webui.ts";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import {
  ANSWER,
  askInput,
  closeStages,
  type FlowStage,
  NEWEST,
  OLDEST,
  openStage,
  QUESTION,
  shownBranch,
} from "../../test/support/flow-stage.ts";
import { answerText } from "../contract/answer-decoding.ts";
import type { Turn } from "./turn.ts";

afterEach(closeStages);

/** After this, nothing that a broken connection left behind is still to come. */
const LATER_MS = 60_000;

function answerIn({ server }: FlowStage, { ids, chatId }: Turn) {
  return server.chats.get(chatId ?? "")?.chat.history.messages[ids.answerIds[0] ?? ""];
}

function loseFirstCompletion({ server }: FlowStage, fault: Fault): void {
  let lost = 0;
  server.faultAt = (_, { path }) => (path.endsWith("/completions") && lost++ === 0 ? fault : undefined);
}

describe.each(VERSIONS)("a placeholder in $version (offstage: $offstage)", (behaviour) => {
  it("of an answer that was lost says so", async () => {
    const stage = openStage(behaviour);
    stage.server.answer = () => ({ words: [], vanishes: true });
    const turn = stage.offstage.ask(askInput({ wait: "poll" }));
    const { message } = await turn.answer().catch((thrown) => thrown);
    expect(answerIn(stage, turn)).toMatchObject({ done: true, error: { content: message } });
  });

  it("that was cancelled before it was asked for says so", async () => {
    const stage = openStage(behaviour);
    const cancel = new AbortController();
    stage.server.before = ({ path }) => path.endsWith("/chats/new") && cancel.abort();
    const turn = stage.offstage.ask(askInput({ signal: cancel.signal }));
    await expect(turn.answer()).rejects.toMatchObject({ code: "cancelled" });
    expect(stage.server.completions).toHaveLength(0);
    expect(answerIn(stage, turn)).toMatchObject({
      done: true,
      error: { content: "The turn was cancelled." },
    });
  });

  it("of an answer that may still come stays as it is", async () => {
    const stage = openStage(behaviour);
    stage.server.answer = () => ({ words: Array.from({ length: 1_000 }, () => "word ") });
    const turn = stage.offstage.ask(askInput({ timeoutMs: 5_000 }));
    await expect(turn.answer()).rejects.toMatchObject({ code: "timed_out" });
    expect(answerIn(stage, turn)?.error).toBeUndefined();
  });

  it("that was given up for another answer says so", async () => {
    const stage = openStage(behaviour);
    loseFirstCompletion(stage, "cut");
    const turn = stage.offstage.ask(askInput({ firstTokenGraceMs: 1_000 }));
    const { chat } = await turn.answer();
    const mark = { done: true, error: { content: expect.stringContaining("asked again") } };
    expect(answerIn(stage, turn)).toMatchObject(mark);
    expect(shownBranch(stage.server)).toEqual([QUESTION, ANSWER]);
    expect(chat.messages.find(({ id }) => id === turn.ids.answerIds[0])?.done).toBe(true);
  });
});

it.each(VERSIONS.filter(({ refusesSameId }) => !refusesSameId))(
  "a text that comes after its placeholder was marked stays in $version",
  async (behaviour) => {
    const stage = openStage(behaviour);
    loseFirstCompletion(stage, "late");
    const turn = stage.offstage.ask(askInput({ firstTokenGraceMs: 1_000 }));
    await turn.answer();
    expect(answerIn(stage, turn)?.done).toBe(true);
    await stage.clock.sleep(LATER_MS);
    expect(answerText(answerIn(stage, turn) ?? {})).toBe(ANSWER);
    expect(shownBranch(stage.server)).toEqual([QUESTION, ANSWER]);
  },
);

it("an answer that the model left empty is done, and has no error", async () => {
  const ids = { userMessageId: "u", answerIds: ["a"], sessionId: "s" };
  const stage: FlowStage = openStage(OLDEST, async function* () {
    yield { type: "connected", sessionId: "sid" };
    while (stage.server.completions.length === 0) await setImmediate();
    const chatId = [...stage.server.chats.keys()][0] ?? "";
    yield {
      type: "answer-finished",
      chatId,
      messageId: "a",
      text: "",
      title: null,
      error: null,
      stopped: false,
    };
    yield { type: "closed", error: null };
  });
  stage.server.answer = () => ({ words: [] });
  const turn = stage.offstage.ask(askInput({ wait: "events", ids }));
  expect((await turn.answer()).text).toBe("");
  expect(answerIn(stage, turn)).toMatchObject({ done: true });
  expect(answerIn(stage, turn)?.error).toBeUndefined();
});

it("a mark that a finished turn could not make is told", async () => {
  const stage = openStage(NEWEST);
  loseFirstCompletion(stage, "cut");
  const { faultAt } = stage.server;
  stage.server.faultAt = (index, request) =>
    stage.server.completions.length > 0 && request.body?.chat?.history !== undefined
      ? "500"
      : faultAt(index, request);
  const turn = stage.offstage.ask(askInput({ firstTokenGraceMs: 1_000 }));
  const warnings = [];
  for await (const event of turn) if (event.type === "warning") warnings.push(event.error.code);
  expect((await turn.answer()).text).toBe(ANSWER);
  expect(warnings).toEqual(["server_failed"]);
});

it("a mark that cannot be made is named beside why the turn ended", async () => {
  const { server, offstage } = openStage(NEWEST);
  server.answer = () => ({ words: [], vanishes: true });
  server.faultAt = (_, { method, path }) =>
    server.completions.length > 0 && method === "POST" && path.includes("/chats/") ? "500" : undefined;
  await expect(offstage.ask(askInput({ wait: "poll" })).answer()).rejects.toMatchObject({
    code: "answer_lost",
    details: { unmarked: expect.stringContaining("500") },
  });
});
