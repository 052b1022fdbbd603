import { afterEach, describe, expect, it } from "vitest";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import { askInput, closeStages, type FlowStage, NEWEST, openStage } from "../../test/support/flow-stage.ts";
import type { Turn } from "./turn.ts";

afterEach(closeStages);

function answerIn({ server }: FlowStage, { ids, chatId }: Turn) {
  return server.chats.get(chatId ?? "")?.chat.history.messages[ids.answerIds[0] ?? ""];
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
