import { afterEach, describe, expect, it } from "vitest";
import type { FakeRequest, Fault } from "../../test/support/fake-open-webui.ts";
import { askInput, closeStages, NEWEST, OLDEST, OURS, openStage } from "../../test/support/flow-stage.ts";
import type { AskInput } from "./ask-input.ts";

afterEach(closeStages);

/** Asks once, the first request that matches failing, and gives what was asked, the question and the chat. */
async function ask(input: Partial<AskInput>, failing?: [path: RegExp, fault: Fault], behaviour = NEWEST) {
  const { offstage, server } = openStage(behaviour);
  let failed = false;
  server.faultAt = (_index, { method, path }) => {
    if (failed || method !== "POST" || !failing?.[0].test(path)) return undefined;
    failed = true;
    return failing[1];
  };
  const turn = offstage.ask(askInput(input));
  const { chatId } = await turn.answer();
  return { requests: server.requests, questionId: turn.ids.userMessageId, chatId };
}

const attemptsAt = (requests: readonly FakeRequest[], path: RegExp) =>
  requests
    .filter((request) => request.method === "POST" && path.test(request.path))
    .map(({ attempt }) => attempt);

describe("a turn", () => {
  it.each([OLDEST, NEWEST, OURS])(
    "is named by all that belongs to it, against $version",
    async (behaviour) => {
      const { requests, questionId, chatId } = await ask({}, undefined, behaviour);
      const ofChat = requests.filter(
        ({ path }) => path.includes(chatId) || /\/(new|completions)$/.test(path),
      );
      expect(ofChat.length).toBeGreaterThan(2);
      expect(new Set(ofChat.map(({ run }) => run))).toEqual(new Set([questionId]));
      expect(new Set(ofChat.map(({ attempt }) => attempt))).toEqual(new Set(["1"]));
    },
  );

  it.each<[effect: string, path: RegExp, fault: Fault]>([
    ["a chat that was not made", /chats\/new$/, "unsent"],
    ["an answer that could not be asked for", /completions$/, "unsent"],
    ["an answer that failed", /completions$/, "500"],
  ])("counts the attempts of %s", async (_effect, path, fault) => {
    const { requests } = await ask({}, [path, fault]);
    expect(attemptsAt(requests, path)).toEqual(["1", "2"]);
    const others = path.source.includes("new") ? /completions$/ : /chats\/new$/;
    expect(attemptsAt(requests, others)).toEqual(["1"]);
  });

  it("is called as its caller says", async () => {
    const { requests } = await ask({ runId: "nightly:7" });
    expect(requests.at(-1)?.run).toBe("nightly:7");
  });

  it("whose ids can name no run is not named", async () => {
    const ids = { userMessageId: "ä\n", answerIds: ["a"], sessionId: "s" };
    const { requests } = await ask({ ids });
    expect(requests.filter(({ run }) => run !== null)).toEqual([]);
  });

  it.each(["", "a b", "é", "x".repeat(129)])("is refused where it shall be called %j", (runId) => {
    const { offstage } = openStage();
    expect(() => offstage.ask(askInput({ runId }))).toThrow(expect.objectContaining({ code: "bad_input" }));
  });
});
