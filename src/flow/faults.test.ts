import { array, assert, asyncProperty, constantFrom, option } from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Fault } from "../../test/support/fake-open-webui.ts";
import {
  ANSWER,
  askInput,
  closeStages,
  NEWEST,
  OLDEST,
  OURS,
  openStage,
  QUESTION,
  shownBranch,
  versionOf,
} from "../../test/support/flow-stage.ts";

/** After this, nothing that a broken connection left behind is still to come. */
const LATER_MS = 60_000;
const NEXT = "and of Italy?";
const FAULTS: Fault[] = ["500", "unsent", "cut", "lost", "late"];

afterEach(closeStages);

describe.each([OLDEST, versionOf("0.7.2"), versionOf("0.10.2"), NEWEST, OURS])(
  "one fault at any call, against $version (offstage: $offstage)",
  (behaviour) => {
    it.each(FAULTS)("%s in a new chat leaves one chat and one answer on the branch", async (fault) => {
      const healthy = openStage(behaviour);
      await healthy.offstage.ask(askInput()).answer();
      for (let failing = 0; failing < healthy.server.requests.length; failing++) {
        const { server, offstage, clock } = openStage(behaviour);
        server.faultAt = (index) => (index === failing ? fault : undefined);
        const { text } = await offstage.ask(askInput()).answer();
        await clock.sleep(LATER_MS);
        const failed = `${server.requests[failing]?.method} ${server.requests[failing]?.path}`;
        expect(text, failed).toBe(ANSWER);
        expect(shownBranch(server), failed).toEqual([QUESTION, ANSWER]);
        expect(server.chats.size, failed).toBe(1);
      }
    });

    it.each(FAULTS)("%s in a next turn loses no message", async (fault) => {
      const healthy = openStage(behaviour);
      const { chatId } = await healthy.offstage.ask(askInput()).answer();
      const before = healthy.server.requests.length;
      await healthy.offstage.ask(askInput({ chatId, content: NEXT })).answer();
      for (let failing = before; failing < healthy.server.requests.length; failing++) {
        const { server, offstage, clock } = openStage(behaviour);
        server.faultAt = (index) => (index === failing ? fault : undefined);
        const first = await offstage.ask(askInput()).answer();
        await offstage.ask(askInput({ chatId: first.chatId, content: NEXT })).answer();
        await clock.sleep(LATER_MS);
        const failed = `${server.requests[failing]?.method} ${server.requests[failing]?.path}`;
        expect(shownBranch(server), failed).toEqual([QUESTION, ANSWER, NEXT, `You asked: ${NEXT}`]);
        expect(server.chats.size, failed).toBe(1);
      }
    });

    it("any mixture of faults leaves a forest in one chat, and either the answer or an error that may pass", async () => {
      await assert(
        asyncProperty(
          array(option(constantFrom(...FAULTS), { freq: 5 }), { maxLength: 40 }),
          async (faults) => {
            const { server, offstage, clock } = openStage(behaviour);
            server.faultAt = (index) => faults[index] ?? undefined;
            const turn = offstage.ask(askInput());
            const error = await turn.answer().then(
              () => null,
              (thrown) => thrown,
            );
            await clock.sleep(LATER_MS);
            if (error === null) expect(shownBranch(server)).toEqual([QUESTION, ANSWER]);
            else expect(error.retryable).toBe(true);
            expect(server.chats.size).toBeLessThanOrEqual(1);
          },
        ),
        { numRuns: 25 },
      );
    });
  },
);

describe("a process that died", () => {
  it.each([OLDEST, NEWEST, OURS])(
    "before any of its calls is gone on with by its ids, against $version (offstage: $offstage)",
    async (behaviour) => {
      const healthy = openStage(behaviour);
      await healthy.offstage.ask(askInput({ wait: "poll" })).answer();
      for (let dying = 1; dying < healthy.server.requests.length; dying++) {
        const { server, offstage, clock } = openStage(behaviour);
        const ids = { userMessageId: `question-${dying}`, answerIds: [`answer-${dying}`], sessionId: "s" };
        const died = new Promise<void>((resolve) => {
          server.before = () => server.requests.length === dying && resolve();
        });
        const first = offstage.ask(askInput({ wait: "poll", ids }));
        await died;
        await offstage.close();
        await expect(first.answer()).rejects.toMatchObject({ code: "cancelled" });
        const next = openStage(behaviour, undefined, { server, clock });
        const { text } = await next.offstage.ask(askInput({ wait: "poll", ids, resume: true })).answer();
        expect(text).toBe(ANSWER);
        expect(shownBranch(server)).toEqual([QUESTION, ANSWER]);
        expect(server.chats.size).toBe(1);
      }
    },
  );
});
