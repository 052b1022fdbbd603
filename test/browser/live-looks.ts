import { equal, ok } from "node:assert/strict";
import { answerText } from "../../src/contract/answer-decoding.ts";
import { expectBranch, expectedAnswer, forestChat, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import type { ChatTab } from "./chat-tab.ts";
import {
  ALL_TASKS,
  expectSound,
  FIRST_WORDS,
  type Look,
  msUntilSeen,
  SLOW_TEXT,
  SLOWLY,
  threeTurns,
} from "./look.ts";

/** What a person has typed and not sent while the flow asks. */
const DRAFT = "half a question";

/** What tabs show while the flow asks, and what comes of a person and the flow in one chat. */
export const LIVE_LOOKS: Readonly<Record<string, Look>> = {
  async "an answer grows in a tab that was opened while it is made"(stage) {
    const list = await stage.openTab("/");
    const turn = stage.offstage.ask(
      question(`grow ${SLOWLY}`, { title: undefined, backgroundTasks: ALL_TASKS }),
    );
    const chatId = await eventually("the chat", () => turn.chatId);
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.seen(FIRST_WORDS);
    await tab.picture("2-opened-while-answering");
    const titleBefore = (await list.sidebar())[chatId] ?? "nothing";
    const lengths = await growth(tab, turn.ids.answerIds[0] ?? "");
    ok(lengths.length > 3, `the answer was seen to grow ${lengths.length} times`);
    await turn.answer();
    await tab.expectTexts([`grow ${SLOWLY}`, SLOW_TEXT]);
    await tab.picture("2-opened-after-the-end");
    const titleAfter = (await list.sidebar())[chatId] ?? "nothing";
    stage.note(`grew ${lengths.length} times; in another tab's sidebar: ${titleBefore}, then ${titleAfter}`);
    await list.picture("2-list");
    await tab.reload();
    await tab.expectTexts([`grow ${SLOWLY}`, SLOW_TEXT]);
    await expectSound(stage, tab);
  },

  async "a tab that is open already while the flow asks on"(stage) {
    const { chatId, texts } = await threeTurns(stage);
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(texts);
    await tab.draft(DRAFT);
    const askedAtMs = Date.now();
    const turn = stage.offstage.ask(question(`four ${SLOWLY}`, { chatId }));
    const [questionSeen, answerSeen] = await Promise.all([
      msUntilSeen(tab, "four [", askedAtMs),
      msUntilSeen(tab, FIRST_WORDS, askedAtMs),
    ]);
    const { chat } = await stage.offstage.client.getChat(chatId);
    const grows = answerText(chat.history.messages[turn.ids.answerIds[0] ?? ""] ?? {}) !== "";
    await tab.picture("2-open-tab");
    await turn.answer();
    stage.note(`live: question ${questionSeen}, answer ${answerSeen}`);
    // Servers that show a growing text to whoever reads the chat have web UIs that can be told to read it again.
    ok(!grows || answerSeen !== "never", "the open tab does not show the turn");
    texts.push(`four ${SLOWLY}`, SLOW_TEXT);
    if (grows) await tab.expectTexts(texts);
    await tab.picture("2-open-tab-at-the-end");
    equal(await tab.drafted(), DRAFT);
    await tab.reload();
    await tab.expectTexts(texts);
    await expectSound(stage, tab);
  },

  async "a person and the flow take turns in one chat"(stage) {
    const { chatId, texts } = await threeTurns(stage);
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(texts);
    await tab.ask("typed");
    texts.push("typed", expectedAnswer("typed", texts.length + 1));
    await tab.expectTexts(texts);
    await tab.expectIdle();
    await tab.picture("3-typed-on");
    await expectBranch(stage, chatId, texts);
    await stage.offstage.ask(question("asked", { chatId })).answer();
    texts.push("asked", expectedAnswer("asked", texts.length + 1));
    await expectBranch(stage, chatId, texts);
    stage.note(`open tab shows ${(await tab.texts()).length} of ${texts.length} messages`);
    await tab.picture("3-asked-on-live");
    await tab.reload();
    await tab.expectTexts(texts);
    await tab.ask("typed again");
    texts.push("typed again", expectedAnswer("typed again", texts.length + 1));
    await tab.expectTexts(texts);
    await tab.expectIdle();
    await tab.picture("3-asked-on");
    await expectBranch(stage, chatId, texts);
    await expectSound(stage, tab);
  },

  async "a person types in a tab that was open before the flow asked on"(stage) {
    const { chatId, texts } = await threeTurns(stage);
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(texts);
    const { userMessageId, messageId } = await stage.offstage.ask(question("asked", { chatId })).answer();
    const shown = await tab.texts();
    await tab.ask("typed");
    await tab.seen("You said: typed");
    await tab.expectIdle();
    await tab.picture("3-typed-in-an-older-tab");
    const { chat } = await forestChat(stage, chatId);
    const kept = [userMessageId, messageId].every((id) => chat.history.messages[id] !== undefined);
    const { serverTurns } = await stage.offstage.capabilities();
    stage.note(`the tab knew ${shown.length} of 8 messages; the flow's turn is ${kept ? "kept" : "gone"}`);
    ok(kept || !serverTurns, "the web UI took away the flow's turn");
    await tab.reload();
    await tab.seen("You said: typed");
    await expectSound(stage, tab);
  },

  async "an answer of the flow is made once more by a person"(stage) {
    const { chatId, messageId, userMessageId } = await stage.offstage.ask(question("again")).answer();
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.expectTexts(["again", expectedAnswer("again")]);
    await tab.regenerate();
    await eventually("the second answer", async () => (await tab.siblingsOfLast()) === "2/2");
    await tab.expectIdle();
    await tab.picture("4-second");
    const { chat } = await forestChat(stage, chatId);
    equal(chat.history.messages[userMessageId]?.childrenIds?.length, 2);
    await tab.showSiblingBefore();
    await eventually("the first answer", async () => (await tab.siblingsOfLast()) === "1/2");
    equal((await tab.messages()).at(-1)?.id, messageId);
    await tab.picture("4-first");
    await expectSound(stage, tab);
  },
};

/** How long the answer was, each time that it had grown, until it stops for half a second. */
async function growth(tab: ChatTab, messageId: string): Promise<number[]> {
  const lengths: number[] = [];
  for (let quiet = 0; quiet < 10; quiet++) {
    const { length } = (await tab.messages()).find(({ id }) => id === messageId)?.text ?? "";
    if (length > (lengths.at(-1) ?? 0)) {
      lengths.push(length);
      quiet = 0;
    }
    await tab.page.waitForTimeout(50);
  }
  return lengths;
}
