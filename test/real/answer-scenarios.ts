import { equal, match, notEqual, ok } from "node:assert/strict";
import { answerText, decodeError } from "../../src/contract/answer-decoding.ts";
import type { Turn, TurnEvent } from "../../src/index.ts";
import { OffstageError } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
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
import { chatOf, goesOn, inTheMiddle, outcomeOf, SLOWLY } from "./turn-proofs.ts";

/** After so long a turn of which nothing is left has ended, whatever its tries. */
const SOON_MS = 15_000;
const DOCUMENT = "The harbour opens at six.";

/** What an answer brings beside its text, and how one ends that has none. */
export const ANSWER_SCENARIOS: Readonly<Record<string, Scenario>> = {
  async "a model's thinking stands apart from its answer"(stage) {
    const content = "[[reason=3]] think";
    const turn = stage.offstage.ask(question(content));
    const told = eventsOf(turn);
    const answer = await turn.answer();
    equal(answer.text, expectedAnswer(content));
    match(answer.reasoning, /thought0 thought1 thought2/);
    const deltas = (await told).filter(({ type }) => type === "reasoning-delta");
    match(
      deltas.map((event) => ("delta" in event ? event.delta : "")).join(""),
      /thought0 thought1 thought2/,
    );
    await stage.offstage.ask(question("next", { chatId: answer.chatId })).answer();
    const sent = String(completionsOf(stage.provider).at(-1)?.body?.messages[1]?.content);
    ok(sent.endsWith(expectedAnswer(content)), "the model is told what it answered");
    // Some servers tell it what they stored, whatever they are sent.
    if (sent !== expectedAnswer(content)) stage.note("the model is told what it thought");
  },

  async "what an answer draws on stands with it"(stage) {
    const docs = [{ content: DOCUMENT, metadata: { name: "harbour.txt", source: "harbour.txt" } }];
    const file = { type: "doc", id: "harbour", name: "harbour.txt", status: "processed", docs };
    const turn = stage.offstage.ask(question("When does the harbour open?", { files: [file] }));
    const answer = await turn.answer();
    ok(
      stage.provider.requests.some(({ body }) => JSON.stringify(body)?.includes(DOCUMENT)),
      "it was told",
    );
    stage.note(`${answer.sources.length} sources`);
    ok(JSON.stringify(answer.sources).includes("harbour.txt"), "the answer names what it draws on");
  },

  async "a title that comes late is waited for, and for no longer than asked"(stage) {
    stage.provider.configure({ task: "slow", slowMs: 1_500 });
    const { title, chatId } = await stage.offstage.ask(question("patient", { title: undefined })).answer();
    notEqual(title, "New Chat");
    await expectBranch(stage, chatId, ["patient", expectedAnswer("patient")]);
    const hasty = await stage.offstage
      .ask(question("hasty", { title: undefined, settleTimeoutMs: 200 }))
      .answer();
    equal(hasty.text, expectedAnswer("hasty"));
    stage.note(`before its title: '${hasty.title}'`);
    await eventually("the title came later", async () => {
      const later = await stage.offstage.client.getChat(hasty.chatId);
      return later.title === title;
    });
  },

  async "a title that fails takes no answer away"(stage) {
    stage.provider.configure({ task: "status500" });
    const { chatId, title } = await stage.offstage.ask(question("no title", { title: undefined })).answer();
    stage.note(`title '${title}'`);
    await expectBranch(stage, chatId, ["no title", expectedAnswer("no title")]);
    await goesOn(stage, chatId);
  },

  async "an answer of which nothing is left ends soon, and says so in the chat"(stage) {
    const startedAtMs = performance.now();
    const turn = stage.offstage.ask({ model: MODEL, content: "[[badjson]]", title: "A test" });
    const { error, chatId } = await outcomeOf(stage, turn);
    ok(error !== null, "it failed");
    ok(performance.now() - startedAtMs < SOON_MS, "it ended soon");
    const { chat } = await forestChat(stage, chatId);
    const message = chat.history.messages[turn.ids.answerIds[0] ?? ""];
    stage.note(decodeError(message?.error)?.content.slice(0, 40) ?? "no mark");
    ok(decodeError(message?.error) !== null, "the chat shows what happened");
    await goesOn(stage, chatId);
  },

  async "a model that is not there leaves a question with its error"(stage) {
    const turn = stage.offstage.ask(question("anybody?", { model: "nobody" }));
    const { error, chatId } = await outcomeOf(stage, turn);
    ok(error !== null, "it failed");
    const { chat } = await forestChat(stage, chatId);
    const message = chat.history.messages[turn.ids.answerIds[0] ?? ""];
    ok(decodeError(message?.error) !== null, "the chat shows what happened");
    await goesOn(stage, chatId);
  },

  async "one of two models that fails leaves the other's answer"(stage) {
    const turn = stage.offstage.ask(question("both", { models: ["nobody", OTHER_MODEL] }));
    const { text, answers, chatId } = await turn.answer();
    equal(text, expectedAnswer("both", 1, OTHER_MODEL));
    ok(answers[0]?.error instanceof OffstageError, "the first failed");
    stage.note(answers[0].error.code);
    await goesOn(stage, chatId);
  },

  async "a turn cancelled before it was asked leaves no answer that seems to come"(stage) {
    const cancel = new AbortController();
    const another = stage.connect(async (input, init) => {
      const response = await fetch(input, init);
      if (String(input).endsWith("/chats/new")) cancel.abort();
      return response;
    });
    const turn = another.ask(question("never mind", { signal: cancel.signal }));
    const { error, chatId } = await outcomeOf(stage, turn);
    equal(error?.code, "cancelled");
    equal(completionsOf(stage.provider).length, 0);
    const { chat } = await forestChat(stage, chatId);
    const message = chat.history.messages[turn.ids.answerIds[0] ?? ""] ?? {};
    equal(answerText(message), "");
    ok(decodeError(message.error) !== null, "the chat shows that nothing comes");
    await goesOn(stage, chatId);
  },

  async "a turn cancelled while the provider says nothing ends, and the chat goes on"(stage) {
    const turn = stage.offstage.ask(question("[[hang]]", { timeoutMs: 80_000 }));
    await eventually("the provider was asked", () => completionsOf(stage.provider).length === 1);
    const startedAtMs = performance.now();
    equal(await turn.cancel(), "cancelled");
    const request = completionsOf(stage.provider)[0];
    stage.note(
      `${request?.clientClosed ? "the provider was freed" : "the provider still waits"}, ${Math.round((performance.now() - startedAtMs) / 1_000)} s`,
    );
    await goesOn(stage, chatOf(turn));
  },

  async "a turn cancelled in mid-answer keeps what came"(stage) {
    const turn = stage.offstage.ask(question(SLOWLY));
    await inTheMiddle(stage);
    equal(await turn.cancel(), "cancelled");
    const { chat } = await forestChat(stage, chatOf(turn));
    const text = answerText(chat.history.messages[turn.ids.answerIds[0] ?? ""] ?? {});
    stage.note(`${text.split(" ").length} tokens kept`);
    match(text, /^(tok0 |$)/);
  },
};

/** All that a turn tells, from its beginning to its end. */
async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  const told: TurnEvent[] = [];
  for await (const event of turn) told.push(event);
  return told;
}
