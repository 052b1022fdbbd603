import { deepEqual, equal, match } from "node:assert/strict";
import { expectedAnswer, MODEL, OTHER_MODEL, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import {
  expectSound,
  FIRST_WORDS,
  type Look,
  msUntilSeen,
  SLOW_TEXT,
  SLOWLY,
  threeTurns,
  WORDS,
} from "./look.ts";

/** What stands in a chat, once it is opened. The first one learns what is usual for the web UI. */
export const SHOWN_LOOKS: Readonly<Record<string, Look>> = {
  async "a chat typed by a person"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const texts: string[] = [];
    for (const word of WORDS) {
      await tab.ask(word);
      texts.push(word, expectedAnswer(word, texts.length + 1));
      await tab.expectTexts(texts);
      await tab.expectIdle();
    }
    const chatId = tab.chatId() ?? "";
    await tab.picture("1-typed");
    const other = await stage.openTab(`/c/${chatId}`);
    await other.expectTexts(texts);
    const typedAtMs = Date.now();
    await tab.ask(`four ${SLOWLY}`);
    const [questionSeen, answerSeen] = await Promise.all([
      msUntilSeen(other, "four [", typedAtMs),
      msUntilSeen(other, FIRST_WORDS, typedAtMs),
    ]);
    stage.note(`live in another tab: question ${questionSeen}, answer ${answerSeen}`);
    texts.push(`four ${SLOWLY}`, SLOW_TEXT);
    await tab.expectTexts(texts);
    await tab.expectIdle();
    const opened = await stage.openTab(`/c/${chatId}`);
    await opened.expectTexts(texts);
    for (const trouble of [...tab.troubles, ...other.troubles, ...opened.troubles])
      stage.usualTroubles.add(trouble);
    if (stage.usualTroubles.size > 0) stage.note(`usual troubles: ${[...stage.usualTroubles].join(" | ")}`);
  },

  async "a chat of the flow opens as a typed one does"(stage) {
    const { chatId, texts } = await threeTurns(stage);
    const record = await stage.offstage.client.getChat(chatId);
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(texts);
    await tab.expectIdle();
    equal((await eventually("the sidebar", () => tab.sidebar()))[chatId], record.title);
    await tab.picture("1-opened");
    await tab.openChatMenu();
    for (const tag of ["Geography", "Europe"]) await tab.page.getByText(tag).first().waitFor();
    await tab.picture("1-tags");
    await expectSound(stage, tab);
  },

  async "an answer made once more by the flow"(stage) {
    const { chatId, messageId } = await stage.offstage.ask(question("again")).answer();
    const second = await stage.offstage.ask({ chatId, regenerate: messageId }).answer();
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(["again", expectedAnswer("again")]);
    equal((await tab.messages()).at(-1)?.id, second.messageId);
    equal(await tab.siblingsOfLast(), "2/2");
    await tab.picture("4-by-the-flow");
    await expectSound(stage, tab);
  },

  async "two models side by side"(stage) {
    const { chatId } = await stage.offstage.ask(question("both", { models: [MODEL, OTHER_MODEL] })).answer();
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(["both", expectedAnswer("both"), expectedAnswer("both", 1, OTHER_MODEL)]);
    await tab.picture("5-two-models");
    const { chat } = await stage.offstage.client.getChat(chatId);
    deepEqual(chat.models, [MODEL, OTHER_MODEL], "the models that a person asks next");
    await expectSound(stage, tab);
  },

  async "an answer with an error"(stage) {
    const turn = stage.offstage.ask(question("[[status=500]]"));
    await turn.answer().catch(() => {
      // It is the error that is looked at.
    });
    const tab = await stage.openTab(`/c/${turn.chatId}`);
    await tab.seen("mock failure 500");
    await tab.picture("5-error");
    await expectSound(stage, tab);
  },

  async "a cancelled answer, and the chat goes on there"(stage) {
    const turn = stage.offstage.ask(question(`stop ${SLOWLY}`));
    await eventually("some text", () => stage.provider.requests.some(({ tokensSent }) => tokensSent > 10));
    await turn.cancel();
    const tab = await stage.openTab(`/c/${turn.chatId}`);
    await tab.seen("stop [");
    await tab.picture("5-cancelled");
    const { text = "" } = (await tab.messages()).at(-1) ?? {};
    stage.note(`shown: ${text.length} characters`);
    await tab.ask("goes on");
    await tab.seen("You said: goes on");
    await tab.expectIdle();
    await tab.picture("5-cancelled-goes-on");
    await expectSound(stage, tab);
  },

  async "an answer with reasoning"(stage) {
    const { chatId } = await stage.offstage.ask(question("think [[reason=5]]")).answer();
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.seen("You said: think");
    match(await tab.everything(), /Thought for|Thinking|Thought/);
    await tab.picture("5-reasoning");
    await expectSound(stage, tab);
  },

  async "an answer with a source"(stage) {
    const content = "Paris is big.";
    const metadata = { name: "notes.txt", source: "notes.txt" };
    const file = { type: "text", name: "notes.txt", status: "processed" };
    // Older versions read a file's text in `docs`, newer ones in `content`; given so, none asks for embeddings.
    const text = { content, docs: [{ content, metadata }], context: "full" };
    const { chatId, sources } = await stage.offstage
      .ask(question("with a file", { files: [{ ...file, ...text }] }))
      .answer();
    equal(sources.length, 1);
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.seen("with a file");
    await tab.expectIdle();
    match(await tab.everything(), /1 Source|gpt-4o\s[\s\S]*notes\.txt/);
    await tab.picture("5-source");
    await expectSound(stage, tab);
  },

  async "an answer in JSON"(stage) {
    const json = '{"city":"Paris","rivers":["Seine"]}';
    const { chatId } = await stage.offstage.ask(question(`[[json=${json}]]`)).answer();
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts([`[[json=${json}]]`, json]);
    await tab.picture("5-json");
    await expectSound(stage, tab);
  },
};
