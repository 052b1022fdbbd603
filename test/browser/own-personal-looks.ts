import { deepEqual, equal, match, ok } from "node:assert/strict";
import { expectedAnswer, MODEL } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import type { ChatTab } from "./chat-tab.ts";
import { expectSound, FIRST_WORDS, type Look, SLOWLY } from "./look.ts";
import type { LookStage } from "./look-stage.ts";
import { ask, confirm, openSettings } from "./own-server.ts";

const REMEMBERED = "I keep bees in Olten";
const STOP =
  '#message-input-container button:has(rect), form button[aria-label="Stop"], form button:has(path[d^="M2.25 12c0-5.385"])';

const idsOfChats = async (stage: LookStage) => (await ask(stage, "chats/")).map(({ id }) => id).toSorted();

/** Opens what stands under the settings of what models are told about the user. */
async function openPersonalization({ page }: ChatTab): Promise<void> {
  await page.locator("#sidebar").getByRole("button", { name: "owner" }).last().click();
  await page.getByText("Settings", { exact: true }).last().click();
  await page.getByRole("tab", { name: "Personalization" }).first().click();
}

/** Older pages ask for memories only where the user wants it; newer ones unless not. */
async function switchMemoriesOn({ page }: ChatTab): Promise<void> {
  const toggle = page.getByRole("switch").first();
  if ((await toggle.getAttribute("aria-checked")) === "false") await toggle.click();
}

async function addMemory({ page }: ChatTab): Promise<void> {
  const manage = page.getByRole("button", { name: "Manage" });
  const actions = page.getByRole("button", { name: "Actions" });
  await manage.or(actions).first().click();
  await page.getByText("Add Memory", { exact: true }).last().click();
  await page.locator("textarea").last().fill(REMEMBERED);
  await page.getByRole("button", { name: "Add", exact: true }).last().click();
}

/** Goes over to a chat that is kept nowhere. */
async function beginTemporaryChat({ page }: ChatTab): Promise<void> {
  const button = page.locator("#temporary-chat-button");
  const selector = page.locator("#model-selector-0-button");
  await button.or(selector).first().waitFor();
  if ((await button.count()) > 0) await button.click();
  else {
    await selector.click();
    await page
      .getByRole("button", { name: /^Temporary Chat/ })
      .last()
      .click();
    await page.waitForURL(/temporary-chat=true/);
    await page.keyboard.press("Escape");
    await page.getByPlaceholder("Search a model").waitFor({ state: "hidden" });
  }
  await page.waitForURL(/temporary-chat=true/);
}

/** What a person keeps for themselves, and what they do not want kept. */
export const OWN_PERSONAL_LOOKS: Readonly<Record<string, Look>> = {
  async "what is to be remembered is kept, and told to the model"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    try {
      await openPersonalization(tab);
      await switchMemoriesOn(tab);
      const save = tab.page.getByRole("button", { name: "Save", exact: true }).last();
      await save.click();
      await tab.page.goto(`${stage.baseUrl}/?models=${MODEL}`);
      await openPersonalization(tab);
      await addMemory(tab);
      await tab.page.getByText(REMEMBERED).first().waitFor();
      await tab.picture("10-memories");
      const kept = (await ask(stage, "memories/")) as unknown as { content: string }[];
      deepEqual(
        kept.map(({ content }) => content),
        [REMEMBERED],
      );
      await tab.page.goto(`${stage.baseUrl}/?models=${MODEL}`);
      await tab.ask("what do I keep");
      await tab.seen("You said: what do I keep");
      await tab.expectIdle();
      const asked = stage.provider.requests.filter(({ path }) => path === "/chat/completions");
      match(JSON.stringify(asked[0]?.body?.messages), /"role":"system".*I keep bees in Olten/);
      ok(!(await tab.everything()).includes("bees"), "nothing of it stands in the chat");
      await expectSound(stage, tab);
    } finally {
      const headers = { authorization: `Bearer ${stage.token}` };
      await fetch(`${stage.baseUrl}/api/v1/memories/delete/user`, { method: "DELETE", headers });
    }
  },

  async "a prompt is made, and called up by its command"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await page.goto(`${stage.baseUrl}/workspace/prompts/create`);
    await page.getByPlaceholder(/^(Title|Prompt Name)$/).fill("Greeting");
    await page.getByPlaceholder(/^command$/i).fill("greet");
    await page.locator("textarea").last().fill("Greet the whole world");
    await page.getByRole("button", { name: "Save & Create" }).click();
    await eventually("the prompt", async () =>
      (await ask(stage, "prompts/")).some(({ name }) => name === "Greeting"),
    );
    await page.waitForURL(/\/workspace\/prompts/);
    await page.goto(`${stage.baseUrl}/workspace/prompts`);
    await page.getByText("Greeting").first().waitFor();
    match(await tab.everything(), /(?<!\/)\/greet/);
    await tab.picture("10-prompts");
    await page.getByText("Greeting").first().click();
    await page.waitForURL(/prompts\/.+/);
    const content = page.locator("textarea").last();
    await eventually("the text", async () => (await content.inputValue()) === "Greet the whole world");
    await page.goto(`${stage.baseUrl}/?models=${MODEL}`);
    await page.locator("#chat-input").waitFor();
    await page.waitForLoadState("networkidle");
    await tab.draft("/gre");
    // Newer pages leave the slash out.
    await page
      .getByText(/^\/?greet$/)
      .first()
      .waitFor();
    await tab.picture("10-command");
    await page.keyboard.press("Enter");
    await eventually("the prompt's text", async () => (await tab.drafted()) === "Greet the whole world");
    await page.keyboard.press("Enter");
    await tab.expectTexts(["Greet the whole world", expectedAnswer("Greet the whole world")]);
    await expectSound(stage, tab);
  },

  async "one's files are looked through, and one is deleted"(stage) {
    const form = new FormData();
    form.append("file", new Blob(["The tide turns at noon."]), "tides.txt");
    const headers = { authorization: `Bearer ${stage.token}` };
    await fetch(`${stage.baseUrl}/api/v1/files/`, { method: "POST", body: form, headers });
    const tab = await stage.openTab("/");
    const { page } = tab;
    await openSettings(page, /^(Chats|Data Controls)$/);
    const manage = page.locator('xpath=//*[starts-with(normalize-space(text()), "Manage")]');
    if ((await manage.count()) === 0) {
      stage.note("this version shows nobody's files");
      return;
    }
    await manage.last().click();
    await page.getByPlaceholder("Search Files").fill("tide");
    await page.getByText("tides.txt").first().waitFor();
    await tab.picture("10-files");
    await page.locator('xpath=//*[contains(text(), "tides.txt")]/following::button[1]').first().click();
    await page.getByRole("menu").getByText("Delete", { exact: true }).click();
    await confirm(page);
    await page.getByText("tides.txt").first().waitFor({ state: "hidden" });
    equal((await ask(stage, "files/search?filename=tides")).length, 0);
    await expectSound(stage, tab);
  },

  async "a temporary chat goes on, is made once more and stopped, and is kept nowhere"(stage) {
    const before = await idsOfChats(stage);
    const tab = await stage.openTab(`/?models=${MODEL}`);
    await beginTemporaryChat(tab);
    await tab.ask("one");
    await tab.expectTexts(["one", expectedAnswer("one")]);
    await tab.expectIdle();
    await tab.ask("two");
    const texts = ["one", expectedAnswer("one"), "two", expectedAnswer("two", 3)];
    await tab.expectTexts(texts);
    await tab.expectIdle();
    await tab.regenerate();
    await eventually("the second answer", async () => (await tab.siblingsOfLast()) === "2/2");
    await tab.expectTexts(texts);
    await tab.expectIdle();
    await tab.picture("10-temporary");
    await tab.ask(`stop ${SLOWLY}`);
    await tab.seen(FIRST_WORDS);
    await tab.page.locator(STOP).last().click();
    await tab.expectIdle();
    const shown = await tab.texts();
    match(shown.at(-1) ?? "", /^tok0 tok1/);
    equal(tab.chatId(), null);
    deepEqual(await idsOfChats(stage), before);
    const save = tab.page.locator("#save-temporary-chat-button");
    if ((await save.count()) > 0) {
      await save.click();
      await tab.page.waitForURL(/\/c\//);
      await tab.reload();
      await tab.expectTexts(shown);
      equal((await idsOfChats(stage)).length, before.length + 1);
      await tab.picture("10-saved");
    }
    await expectSound(stage, tab);
  },
};
