import { afterEach, describe, expect, it } from "vitest";
import { VERSIONS } from "../../test/support/fake-versions.ts";
import {
  ANSWER,
  askInput,
  closeStages,
  openStage,
  QUESTION,
  shownBranch,
} from "../../test/support/flow-stage.ts";

afterEach(closeStages);

describe.each(VERSIONS)("a turn against $version (offstage: $offstage)", (behaviour) => {
  it.each(["stream", "events", "poll"] as const)("is answered when waiting by %s", async (wait) => {
    const { server, offstage } = openStage(behaviour);
    const answer = await offstage.ask(askInput({ wait })).answer();
    expect(answer.text).toBe(ANSWER);
    expect(answer.title).toBe("A title");
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER]);
    expect(server.completions).toHaveLength(1);
    expect(server.chats.size).toBe(1);
  });

  it("goes on in the chat and loses no message", async () => {
    const { server, offstage } = openStage(behaviour);
    const first = await offstage.ask(askInput()).answer();
    const second = await offstage.ask(askInput({ chatId: first.chatId, content: "and of Italy?" })).answer();
    expect(second.text).toBe("You asked: and of Italy?");
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER, "and of Italy?", "You asked: and of Italy?"]);
    expect(server.completions[1]?.body.messages).toEqual([
      { role: "user", content: QUESTION },
      { role: "assistant", content: ANSWER },
      { role: "user", content: "and of Italy?" },
    ]);
  });

  it("makes an answer once more as a sibling", async () => {
    const { server, offstage } = openStage(behaviour);
    const first = await offstage.ask(askInput()).answer();
    const again = await offstage.ask({ chatId: first.chatId, regenerate: first.messageId }).answer();
    expect(again.messageId).not.toBe(first.messageId);
    expect(again.model).toBe("gpt-4o");
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER]);
    const messages = [...server.chats.values()][0]?.chat.history.messages ?? {};
    expect(messages[first.userMessageId]?.childrenIds).toEqual([first.messageId, again.messageId]);
  });

  it("asks several models side by side, each into its own message", async () => {
    const { server, offstage } = openStage(behaviour);
    server.answer = ({ model }) => ({ words: [`I am ${model}`] });
    const answer = await offstage.ask({ models: ["a", "b", "c"], content: QUESTION }).answer();
    expect(answer.answers.map(({ model, modelIdx, text }) => [model, modelIdx, text])).toEqual([
      ["a", 0, "I am a"],
      ["b", 1, "I am b"],
      ["c", 2, "I am c"],
    ]);
    shownBranch(server);
  });

  it("is stopped, and that is confirmed", async () => {
    const { server, offstage } = openStage(behaviour);
    server.answer = () => ({ words: Array.from({ length: 500 }, (_, index) => `${index} `) });
    const turn = offstage.ask(askInput());
    for await (const event of turn) {
      if (event.type === "state" && event.state === "triggered") break;
    }
    expect(await turn.cancel()).toBe("cancelled");
    expect(server.tasks.size).toBe(0);
    await expect(turn.answer()).rejects.toMatchObject({ code: "cancelled" });
  });

  it("fails with what the model said, and with the text so far", async () => {
    const { offstage, server } = openStage(behaviour);
    server.answer = () => ({ words: ["half "], error: { message: "out of tokens" } });
    await expect(offstage.ask(askInput()).answer()).rejects.toMatchObject({
      code: "model_failed",
      message: "gpt-4o failed to answer: out of tokens",
      details: { partialText: "half " },
    });
  });

  it("is lost when an accepted request leaves no trace", async () => {
    const { offstage, server } = openStage(behaviour);
    server.answer = () => ({ words: [], vanishes: true });
    const turn = offstage.ask(askInput({ wait: "poll" }));
    await expect(turn.answer()).rejects.toMatchObject({ code: "answer_lost" });
    expect(turn.state).toBe("lost");
  });
});
