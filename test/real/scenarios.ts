import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { answerText } from "../../src/contract/answer-decoding.ts";
import type { WaitMode } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { ANSWER_SCENARIOS } from "./answer-scenarios.ts";
import { CONNECTION_SCENARIOS } from "./connection-scenarios.ts";
import { CROWD_SCENARIOS } from "./crowd-scenarios.ts";
import { KNOWLEDGE_SCENARIOS } from "./knowledge-scenarios.ts";
import { SECOND_WRITER_SCENARIOS } from "./second-writer-scenarios.ts";
import {
  completionsOf,
  expectBranch,
  expectedAnswer,
  forestChat,
  MODEL,
  OTHER_MODEL,
  question,
  type Scenario,
} from "./stage.ts";
import { chatOf, FRANCE, goesOn, inTheMiddle, outcomeOf, PARIS, SLOWLY } from "./turn-proofs.ts";

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
    deepEqual(chat.models, [MODEL, OTHER_MODEL], "whoever types there asks both");
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

  ...ANSWER_SCENARIOS,
  ...CONNECTION_SCENARIOS,
  ...CROWD_SCENARIOS,
  ...KNOWLEDGE_SCENARIOS,
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
