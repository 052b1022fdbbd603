import { deepEqual, equal, match, ok } from "node:assert/strict";
import { completionsOf, expectedAnswer, MODEL, OTHER_MODEL, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import type { ChatTab } from "./chat-tab.ts";
import { expectSound, type Look } from "./look.ts";
import type { LookStage } from "./look-stage.ts";
import { ask, chatTab } from "./own-server.ts";

const lastAnswer = ({ page }: ChatTab) =>
  page.locator('#messages-container [id^="message-"]:has(.chat-assistant)').last();
const lastQuestion = ({ page }: ChatTab) =>
  page.locator('#messages-container [id^="message-"]:has(.chat-user)').last();

/** What the provider was asked last, without the tasks after it. */
const lastAsked = (stage: LookStage) => completionsOf(stage.provider).at(-1)?.body;

/** What people do with the messages of a chat, and how they steer it. */
export const PAGE_CHAT_LOOKS: Readonly<Record<string, Look>> = {
  async "an answer is copied and continued"(stage) {
    const { tab, chatId } = await chatTab(stage, "go on");
    await lastAnswer(tab).hover();
    await lastAnswer(tab).getByRole("button", { name: "Copy" }).last().click();
    await lastAnswer(tab).hover();
    await lastAnswer(tab).getByRole("button", { name: "Continue Response" }).last().click();
    const twice = /^You said: go on .*You said: go on/;
    await eventually("the longer answer", async () => twice.test((await tab.texts()).at(-1) ?? ""));
    await tab.expectIdle();
    await eventually("the stored one", async () => {
      const { chat } = await stage.offstage.client.getChat(chatId);
      return Object.values(chat.history.messages).some(({ content }) => twice.test(String(content)));
    });
    await tab.picture("10-continued");
    await expectSound(stage, tab);
  },

  async "a chat's system prompt and temperature reach the provider"(stage) {
    const { tab, chatId } = await chatTab(stage, "steered");
    const { page } = tab;
    await page.getByRole("button", { name: "Controls" }).first().click();
    await page.getByPlaceholder("Enter system prompt").first().fill("Be brief.");
    await page.locator('xpath=//*[normalize-space(text())="Temperature"]/following::button[1]').click();
    await tab.picture("10-controls");
    await tab.ask("third");
    await tab.seen("You said: third");
    const body = await eventually("the question", () => {
      const asked = lastAsked(stage);
      return asked?.temperature === undefined ? undefined : asked;
    });
    deepEqual(body.messages, [
      { role: "system", content: "Be brief." },
      { role: "user", content: "steered" },
      { role: "assistant", content: expectedAnswer("steered") },
      { role: "user", content: "third" },
    ]);
    equal(typeof body.temperature, "number");
    await tab.expectIdle();
    const params = async () =>
      (await stage.offstage.client.getChat(chatId)).chat.params as { system?: string } | undefined;
    await eventually("the chat's parameters", async () => (await params())?.system === "Be brief.");
    await expectSound(stage, tab);
  },

  async "a tag is added and taken away by hand"(stage) {
    const { tab, chatId } = await chatTab(stage, "tagged");
    const { page } = tab;
    const tags = async () => (await ask(stage, `chats/${chatId}/tags`)).map(({ name }) => name);
    await tab.openChatMenu();
    const menu = page.getByRole("menu").last();
    const add = menu.getByRole("button", { name: "Add Tag" });
    if (await add.isVisible()) await add.click();
    await page.getByPlaceholder(/^Add a tag/).fill("blue");
    await page.keyboard.press("Enter");
    await eventually("the tag", async () => (await tags()).includes("blue"));
    await tab.picture("10-tag");
    const remove = menu.getByRole("button", { name: "Remove this tag from list" });
    await remove
      .or(menu.getByRole("button", { name: "blue" }))
      .first()
      .click();
    await eventually("no tag", async () => (await tags()).length === 0);
    await expectSound(stage, tab);
  },

  async "a question is deleted, and what came before stays"(stage) {
    const { chatId } = await stage.offstage.ask(question("first")).answer();
    await stage.offstage.ask(question("second", { chatId })).answer();
    const tab = await stage.openTab(`/c/${chatId}`);
    await tab.seen("You said: second");
    await tab.rest();
    await lastQuestion(tab).hover();
    const named = lastQuestion(tab).getByRole("button", { name: "Delete" });
    await ((await named.count()) > 0 ? named : lastQuestion(tab).locator("button")).last().click();
    await tab.page
      .getByRole("button", { name: /^(confirm|delete)$/i })
      .last()
      .click({ timeout: 2_000 })
      .catch(() => {
        // Some versions do not ask.
      });
    await eventually("its end", async () => !(await tab.texts()).includes("second"));
    await tab.picture("10-deleted");
    await tab.reload();
    await tab.seen("first");
    ok(!(await tab.texts()).includes("second"), "it is gone from the server, too");
    await expectSound(stage, tab);
  },

  async "the model is switched in the middle of a chat"(stage) {
    const { tab } = await chatTab(stage, "before");
    const { page } = tab;
    await page
      .getByRole("button", { name: /select a model|selected model|gpt-4o/i })
      .first()
      .click();
    await page
      .getByRole("option", { name: OTHER_MODEL })
      .or(page.locator(`[data-value="${OTHER_MODEL}"]`))
      .first()
      .click();
    await page.keyboard.press("Escape");
    await page.getByPlaceholder("Search a model").waitFor({ state: "hidden" });
    await tab.ask("after");
    await tab.expectTexts([
      "before",
      expectedAnswer("before", 1, MODEL),
      "after",
      expectedAnswer("after", 3, OTHER_MODEL),
    ]);
    await expectSound(stage, tab);
  },

  async "an image is shown, kept and sent to the model"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const dot =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    const buffer = Buffer.from(dot, "base64");
    const file = { name: "dot.png", mimeType: "image/png", buffer };
    await tab.page.locator('input[type="file"]').first().setInputFiles(file);
    await tab.rest();
    await tab.ask("what is this");
    await tab.seen("You said");
    await tab.expectIdle();
    await tab.reload();
    await tab.seen("what is this");
    const image = tab.page.locator(
      '#messages-container img[src^="data:"], #messages-container img[src*="/files/"]',
    );
    await image.first().waitFor();
    equal(
      await image
        .first()
        .evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
      1,
    );
    await tab.picture("10-image");
    match(JSON.stringify(lastAsked(stage)?.messages), /what is this/);
    await expectSound(stage, tab);
  },
};
