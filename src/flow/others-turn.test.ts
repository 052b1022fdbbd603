import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import {
  ANSWER,
  askInput,
  closeStages,
  OLDEST,
  openStage,
  QUESTION,
  shownBranch,
  versionOf,
} from "../../test/support/flow-stage.ts";
import type { WireMessage } from "../contract/message.ts";
import { createOffstage } from "./create-offstage.ts";

afterEach(closeStages);

describe("another process in the same chat", () => {
  it("that has just placed its question is waited for", async () => {
    const { offstage, server, clock } = openStage();
    const { chatId, messageId } = await offstage.ask(askInput()).answer();
    const timestamp = Math.floor(clock.nowMs() / 1_000);
    const theirs = (id: string, fields: WireMessage) =>
      addMessage(id, { childrenIds: [], timestamp, ...fields });
    const addMessage = (id: string, message: WireMessage) => {
      const history = server.chats.get(chatId)?.chat.history;
      const parent = history?.messages[message.parentId ?? ""];
      if (history === undefined || parent === undefined) throw new Error("There is no such parent.");
      parent.childrenIds = [...(parent.childrenIds ?? []), id];
      history.messages[id] = { id, ...message };
      history.currentId = id;
      return history.messages[id];
    };
    theirs("their-question", { role: "user", content: "theirs", parentId: messageId });
    const answer = theirs("their-answer", { role: "assistant", content: "", parentId: "their-question" });
    const turn = offstage.ask(askInput({ chatId, content: "ours" }));
    while (server.requests.filter(({ path }) => path.includes("/tasks/chat/")).length < 6)
      await setImmediate();
    expect(server.completions).toHaveLength(1);
    Object.assign(answer, { content: "answered", done: true });
    await turn.answer();
    expect(shownBranch(server)).toEqual([QUESTION, ANSWER, "theirs", "answered", "ours", "You asked: ours"]);
  });

  it.each([OLDEST, versionOf("0.9.6"), versionOf("0.11.4")])(
    "that saves in the same moment loses no message and takes none away ($version)",
    async (behaviour) => {
      const { offstage, server, clock } = openStage(behaviour);
      const { chatId } = await offstage.ask(askInput()).answer();
      const client = { ...offstage.client, baseUrl: "http://another.invalid" };
      const another = createOffstage({ client, clock });
      const turns = [offstage, another].map((each, index) =>
        each.ask(askInput({ chatId, content: `question ${index}`, wait: "poll" })),
      );
      const texts = await Promise.all(turns.map(async (turn) => (await turn.answer()).text));
      await another.close();
      expect(texts).toEqual(["You asked: question 0", "You asked: question 1"]);
      expect(shownBranch(server)).toHaveLength(4);
      const { messages } = server.chats.get(chatId)?.chat.history ?? { messages: {} };
      expect(Object.keys(messages)).toHaveLength(6);
    },
  );
});
