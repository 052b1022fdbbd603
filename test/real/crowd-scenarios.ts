import { deepEqual, equal, ok } from "node:assert/strict";
import { answerText } from "../../src/contract/answer-decoding.ts";
import { createOffstage, type Turn } from "../../src/index.ts";
import {
  completionsOf,
  expectBranch,
  expectedAnswer,
  forestChat,
  question,
  type RealStage,
  type Scenario,
} from "./stage.ts";

/** How many turns the flows of the crowd take together: `OFFSTAGE_TEST_FLOWS`, a multiple of 8. */
export const CROWD_FLOWS = Number(process.env.OFFSTAGE_TEST_FLOWS ?? 24);
const AT_ONCE = 8;
const CONTENDED_ROUNDS = 4;

/** Many at once: side by side in chats of their own, and two processes in one. */
export const CROWD_SCENARIOS: Readonly<Record<string, Scenario>> = {
  async "eight chats at once, and every turn in its place"(stage) {
    const turns = Array.from({ length: CROWD_FLOWS / AT_ONCE }, (_, index) => `turn ${index}`);
    const talk = async (name: string) => {
      let chatId: string | undefined;
      for (const turn of turns) {
        ({ chatId } = await stage.offstage.ask(question(`${name} ${turn}`, { chatId })).answer());
      }
      const expected = turns.flatMap((turn, index) => [
        `${name} ${turn}`,
        expectedAnswer(`${name} ${turn}`, index * 2 + 1),
      ]);
      await expectBranch(stage, chatId ?? "", expected);
    };
    await Promise.all(["a", "b", "c", "d", "e", "f", "g", "h"].map(talk));
    equal(completionsOf(stage.provider).length, CROWD_FLOWS);
  },

  async "many new chats, eight at once"(stage) {
    let left = CROWD_FLOWS;
    const ask = async () => {
      while (left > 0) {
        const content = `flow ${left--}`;
        const { chatId, userMessageId, messageId } = await stage.offstage.ask(question(content)).answer();
        const { chat } = await expectBranch(stage, chatId, [content, expectedAnswer(content)]);
        deepEqual(Object.keys(chat.history.messages).sort(), [userMessageId, messageId].sort());
        equal(chat.history.messages[messageId]?.parentId, userMessageId);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    equal(completionsOf(stage.provider).length, CROWD_FLOWS);
  },

  async "two processes that ask in one chat at once both get their answer"(stage) {
    const { chatId } = await stage.offstage.ask(question("first")).answer();
    const { historyMerge } = await stage.offstage.capabilities();
    const left = { name: "left", offstage: anotherProcess(stage, "left") };
    const right = { name: "right", offstage: anotherProcess(stage, "right") };
    const processes = [left, right];
    try {
      const all: Turn[] = [];
      for (let round = 0; round < CONTENDED_ROUNDS; round++) {
        const ask = ({ name, offstage }: typeof left) =>
          offstage.ask(question(`${name} ${round} [[first=50]]`, { chatId }));
        const earlier = ask(left);
        // A server that replaces the chat has no way to keep what two write in the same moment.
        if (!historyMerge || round % 2 === 0) await isSaved(earlier);
        const turns = [earlier, ask(right)];
        const texts = await Promise.all(turns.map(async (turn) => (await turn.answer()).text));
        deepEqual(
          texts.map((text) => text.slice(0, "You said: right 0".length).trim()),
          processes.map(({ name }) => `You said: ${name} ${round}`),
        );
        all.push(...turns);
      }
      const { chat } = await forestChat(stage, chatId);
      const { messages } = chat.history;
      for (const turn of all) {
        const answer = await turn.answer();
        const message = messages[answer.messageId];
        ok(messages[turn.ids.userMessageId] !== undefined, "no question is lost");
        equal(message?.parentId, turn.ids.userMessageId);
        equal(answerText(message ?? {}), answer.text);
      }
      const siblings = Object.values(messages).filter(
        ({ role, childrenIds }) => role === "assistant" && (childrenIds?.length ?? 0) > 1,
      ).length;
      stage.note(
        `${completionsOf(stage.provider).length - 1} completions for ${all.length} turns, ${siblings} forks`,
      );
    } finally {
      await Promise.all(processes.map(({ offstage }) => offstage.close()));
    }
  },
};

/** An Offstage that shares no queue with the others, as if it ran in another process. */
function anotherProcess(stage: RealStage, name: string) {
  return createOffstage({ client: { ...stage.offstage.client, baseUrl: `http://${name}.invalid` } });
}

/** Resolves when the turn stands in its chat; it is being asked then. */
async function isSaved(turn: Turn): Promise<void> {
  for await (const event of turn) if (event.type === "state" && event.state === "chat-saved") return;
}
