import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { answerText } from "../../src/contract/answer-decoding.ts";
import type { Turn, WaitMode } from "../../src/index.ts";
import { OffstageError } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { SECOND_WRITER_SCENARIOS } from "./second-writer-scenarios.ts";
import {
  completionsOf,
  expectBranch,
  expectedAnswer,
  forestChat,
  MODEL,
  OTHER_MODEL,
  question,
  type RealStage,
  type Scenario,
} from "./stage.ts";

const FRANCE = "Hi, what is the capital of France?";
const PARIS = "The capital of France is Paris.";
/** About four seconds of answer, so that something can happen in its middle. */
const SLOWLY = "[[tokens=200]] [[delay=20]]";

/** All scenarios by the sentence that each one proves. Each can run alone, in any order, on a server that others used. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "a new chat, waited for by stream": newChat("stream"),
  "a new chat, waited for by events": newChat("events"),
  "a new chat, waited for by poll": newChat("poll"),

  async "a new chat gets its title from the model"(stage) {
    const answer = await stage.offstage.ask(question(FRANCE, { title: undefined })).answer();
    stage.note(`title '${answer.title}'`);
    notEqual(answer.title, "New Chat");
    await expectBranch(stage, answer.chatId, [FRANCE, PARIS]);
  },

  async "three turns, each told all that came before"(stage) {
    const first = await stage.offstage.ask(question("one")).answer();
    const { chatId } = first;
    await stage.offstage.ask(question("two", { chatId })).answer();
    await stage.offstage.ask(question("three", { chatId })).answer();
    const texts = ["one", "two", "three"].flatMap((text, index) => [
      text,
      expectedAnswer(text, index * 2 + 1),
    ]);
    await expectBranch(stage, chatId, texts);
    deepEqual(
      completionsOf(stage.provider)
        .at(-1)
        ?.body?.messages.map(({ content }) => content),
      texts.slice(0, -1),
    );
  },

  async "an answer made once more stands beside the first"(stage) {
    const first = await stage.offstage.ask(question("again")).answer();
    const { chatId, messageId } = first;
    const second = await stage.offstage.ask({ chatId, regenerate: messageId, timeoutMs: 30_000 }).answer();
    const { chat } = await expectBranch(stage, chatId, ["again", expectedAnswer("again")]);
    equal(chat.history.currentId, second.messageId);
    deepEqual(chat.history.messages[first.userMessageId]?.childrenIds, [messageId, second.messageId]);
    equal(answerText(chat.history.messages[messageId] ?? {}), expectedAnswer("again"));
  },

  async "two models side by side"(stage) {
    const answer = await stage.offstage.ask(question("both", { models: [MODEL, OTHER_MODEL] })).answer();
    deepEqual(
      answer.answers.map(({ text, error }) => error?.message ?? text),
      [expectedAnswer("both"), expectedAnswer("both", 1, OTHER_MODEL)],
    );
    const { chat } = await forestChat(stage, answer.chatId);
    const ids = answer.answers.map(({ messageId }) => messageId);
    deepEqual(chat.history.messages[answer.userMessageId]?.childrenIds, ids);
    ok(ids.includes(chat.history.currentId ?? ""), "the chat shows one of the two answers");
    await stage.offstage.ask(question("next", { chatId: answer.chatId })).answer();
    equal(Object.keys((await forestChat(stage, answer.chatId)).chat.history.messages).length, 5);
  },

  async "a cancelled answer stops at the provider, and the chat goes on"(stage) {
    const turn = stage.offstage.ask(question(`stop ${SLOWLY}`));
    await inTheMiddle(stage);
    equal(await turn.cancel(), "cancelled");
    const [request] = completionsOf(stage.provider);
    await eventually("the server hangs up on the provider", () => request?.clientClosed);
    const chatId = chatOf(turn);
    await forestChat(stage, chatId);
    await goesOn(stage, chatId);
  },

  async "an answer in JSON"(stage) {
    const value = { city: "Paris", rivers: [{ name: "Seine" }] };
    const content = `[[json=${JSON.stringify(value)}]]`;
    const answer = await stage.offstage.ask(question(content)).answer();
    deepEqual(await answer.json(), value);
    await expectBranch(stage, answer.chatId, [content, JSON.stringify(value)]);
  },

  async "a provider's 500 is the turn's error, and the chat goes on"(stage) {
    const outcome = await outcomeOf(stage, stage.offstage.ask(question("[[status=500]]")));
    equal(outcome.error?.code, "model_failed");
    await goesOn(stage, outcome.chatId);
  },

  "an answer cut by the provider leaves a chat that goes on": faulty("[[tokens=20]] [[abort=5]]"),
  "an answer without its end leaves a chat that goes on": faulty("[[tokens=20]] [[nodone=5]]"),
  "an error within the stream leaves a chat that goes on": faulty("[[tokens=20]] [[sseerror=5]]"),
  "an empty answer leaves a chat that goes on": faulty("[[empty]]"),
  "a reply that is no JSON leaves a chat that goes on": faulty("[[badjson]]"),

  async "a provider that never answers is given up at the deadline"(stage) {
    const turn = stage.offstage.ask(question("[[hang]]", { timeoutMs: 4_000 }));
    const { error, chatId } = await outcomeOf(stage, turn);
    equal(error?.code, "timed_out");
    await stage.offstage.client.stopChatTasks(chatId);
    await goesOn(stage, chatId);
  },

  async "a server killed in mid-answer loses at most that answer"(stage) {
    const first = await stage.offstage.ask(question("before")).answer();
    const { chatId } = first;
    const turn = stage.offstage.ask(question(`kill ${SLOWLY}`, { chatId, pollTries: 60, timeoutMs: 60_000 }));
    const outcome = outcomeOf(stage, turn);
    await inTheMiddle(stage);
    await stage.restart();
    const { error } = await outcome;
    if (error !== null) ok(["answer_lost", "model_failed"].includes(error.code), error.message);
    const { chat } = await forestChat(stage, chatId);
    equal(chat.history.messages[turn.ids.userMessageId]?.parentId, first.messageId);
    equal(answerText(chat.history.messages[first.messageId] ?? {}), expectedAnswer("before"));
    await goesOn(stage, chatId);
  },

  ...SECOND_WRITER_SCENARIOS,

  async "eight chats at once, three turns in each"(stage) {
    const texts = ["one", "two", "three"];
    const talk = async (name: string) => {
      let chatId: string | undefined;
      for (const text of texts) {
        const turn = stage.offstage.ask(question(`${name} ${text}`, { chatId }));
        ({ chatId } = await turn.answer());
      }
      const expected = texts.flatMap((text, index) => [
        `${name} ${text}`,
        expectedAnswer(`${name} ${text}`, index * 2 + 1),
      ]);
      await expectBranch(stage, chatId ?? "", expected);
    };
    await Promise.all(["a", "b", "c", "d", "e", "f", "g", "h"].map(talk));
    equal(completionsOf(stage.provider).length, 24);
  },
};

function newChat(wait: WaitMode): Scenario {
  return async (stage) => {
    const answer = await stage.offstage.ask(question(FRANCE, { wait })).answer();
    equal(answer.text, PARIS);
    const { chat } = await expectBranch(stage, answer.chatId, [FRANCE, PARIS]);
    equal(chat.history.messages[answer.messageId]?.parentId, answer.userMessageId);
    equal(Object.keys(chat.history.messages).length, 2);
    equal(completionsOf(stage.provider).length, 1);
  };
}

/** However servers store what went wrong: the turn ends, and neither the chat nor the question is harmed. */
function faulty(directives: string): Scenario {
  return async (stage) => {
    const turn = stage.offstage.ask(question(directives, { pollTries: 10 }));
    const { error, chatId } = await outcomeOf(stage, turn);
    notEqual(error?.code, "internal");
    notEqual(error?.code, "timed_out");
    await goesOn(stage, chatId);
  };
}

interface Outcome {
  chatId: string;
  error: OffstageError | null;
}

/** How a turn ended, which is noted; its chat is proved to be a forest. */
async function outcomeOf(stage: RealStage, turn: Turn): Promise<Outcome> {
  const error = await turn.answer().then(
    ({ text }) => {
      stage.note(`answered '${text.slice(0, 30)}'`);
      return null;
    },
    (thrown) => {
      if (!(thrown instanceof OffstageError)) throw thrown;
      stage.note(thrown.code);
      return thrown;
    },
  );
  const chatId = chatOf(turn);
  const { chat } = await forestChat(stage, chatId);
  equal(chat.history.messages[turn.ids.answerIds[0] ?? ""]?.parentId, turn.ids.userMessageId);
  return { chatId, error };
}

function chatOf({ chatId }: Turn): string {
  if (chatId === null) throw new Error("The turn ended before its chat was made.");
  return chatId;
}

/** Proves that the chat can be continued: the next question is answered under what the chat shows. */
async function goesOn(stage: RealStage, chatId: string): Promise<void> {
  const before = await forestChat(stage, chatId);
  const next = await stage.offstage.ask(question(FRANCE, { chatId })).answer();
  equal(next.text, PARIS);
  const { history } = (await forestChat(stage, chatId)).chat;
  equal(history.currentId, next.messageId);
  equal(history.messages[next.messageId]?.parentId, next.userMessageId);
  equal(history.messages[next.userMessageId]?.parentId, before.chat.history.currentId);
  deepEqual(
    Object.keys(before.chat.history.messages).filter((id) => history.messages[id] === undefined),
    [],
  );
}

async function inTheMiddle({ provider }: RealStage): Promise<void> {
  await eventually(
    "the provider is in mid-answer",
    () => (completionsOf(provider).at(-1)?.tokensSent ?? 0) > 10,
  );
}
