import { equal } from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { expectedAnswer, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import type { LookStage } from "./look-stage.ts";
import { ask, chatTab, confirm, get, post } from "./own-server.ts";
import { watchTroubles } from "./troubles.ts";

const idsOf = async (stage: LookStage, path: string) => (await ask(stage, path)).map(({ id }) => id);

/** Opens the menu of a chat in the sidebar. */
async function openMenu(page: Page, chatId: string): Promise<Locator> {
  const link = page.locator(`#sidebar a[href="/c/${chatId}"]`).first();
  await link.hover();
  const row = link.locator("xpath=ancestor::*[.//button[@aria-label='Chat Menu']][1]");
  await row.getByRole("button", { name: "Chat Menu" }).first().click();
  const items = page.getByRole("menuitem");
  await items.last().waitFor();
  return items;
}

/** Chooses from it. */
async function choose(page: Page, chatId: string, item: string): Promise<void> {
  await openMenu(page, chatId);
  // A menu that fades out is still there.
  await page.getByRole("menuitem", { name: item, exact: true }).last().click();
}

/** What a person does with chats from the list of them. */
export const OWN_LIST_LOOKS: Readonly<Record<string, Look>> = {
  async "a chat is renamed, pinned, archived and deleted by its menu"(stage) {
    const { tab, chatId } = await chatTab(stage, "menu");
    const { page } = tab;
    await choose(page, chatId, "Rename");
    await page.locator("#sidebar input").last().fill("Another name");
    await page.keyboard.press("Enter");
    await eventually(
      "the name",
      async () => (await stage.offstage.client.getChat(chatId)).title === "Another name",
    );
    await eventually("the name in the sidebar", async () => (await tab.sidebar())[chatId] === "Another name");
    await choose(page, chatId, "Pin");
    await eventually("the pin", async () => (await idsOf(stage, "chats/pinned")).includes(chatId));
    await tab.picture("6-pinned");
    await choose(page, chatId, "Archive");
    await eventually("the archive", async () => (await idsOf(stage, "chats/archived")).includes(chatId));
    await page.locator(`#sidebar a[href="/c/${chatId}"]`).first().waitFor({ state: "detached" });
    const { tab: other, chatId: doomed } = await chatTab(stage, "doomed");
    await choose(other.page, doomed, "Delete");
    await confirm(other.page);
    await eventually("the end", async () => !(await idsOf(stage, "chats/")).includes(doomed));
    await expectSound(stage, tab);
    await expectSound(stage, other);
  },

  async "a chat is cloned and shared"(stage) {
    const { tab, chatId } = await chatTab(stage, "copied");
    const { page } = tab;
    await choose(page, chatId, "Clone");
    await page.waitForURL((url) => url.pathname.startsWith("/c/") && !url.pathname.endsWith(chatId));
    await tab.expectTexts(["copied", expectedAnswer("copied")]);
    await choose(page, chatId, "Share");
    await page.getByRole("button", { name: "Copy Link" }).click();
    const shareId = await eventually("the share", async () => {
      const { share_id } = (await stage.offstage.client.getChat(chatId)) as { share_id?: string };
      return share_id ?? false;
    });
    await tab.picture("6-shared");
    const shown = await page.context().newPage();
    const troubles = watchTroubles(shown, stage.baseUrl);
    await shown.goto(`${stage.baseUrl}/s/${shareId}`);
    await shown.getByText(expectedAnswer("copied")).first().waitFor();
    await shown.close();
    equal(troubles.join("\n"), "");
    await expectSound(stage, tab);
  },

  async "a chat is marked unread, until it is opened again"(stage) {
    const { tab, chatId } = await chatTab(stage, "to be read again");
    const { page } = tab;
    const readAtSec = async () => {
      const rows = await get<{ id: string; last_read_at: number }[]>(stage, "/api/v1/chats/");
      return rows.find(({ id }) => id === chatId)?.last_read_at;
    };
    const menu = await openMenu(page, chatId);
    const unread = menu.filter({ hasText: "Mark as unread" });
    if ((await unread.count()) === 0) {
      stage.note("this version has no such mark");
      return;
    }
    await unread.last().click();
    await eventually("the mark", async () => (await readAtSec()) === 0);
    await page.goto(`${stage.baseUrl}/`);
    const link = page.locator(`#sidebar a[href="/c/${chatId}"]`).first();
    const mark = link.locator('[class*="rounded-full"]');
    await mark.waitFor();
    await tab.picture("6-unread");
    await tab.rest();
    await link.click();
    await tab.expectTexts(["to be read again", expectedAnswer("to be read again")]);
    await eventually("the time of reading", async () => ((await readAtSec()) ?? 0) > 0);
    await mark.waitFor({ state: "detached" });
    await expectSound(stage, tab);
  },

  async "a chat is found by what was said"(stage) {
    const { tab, chatId } = await chatTab(stage, "needle in a haystack");
    await tab.page
      .getByRole("button", { name: /^search/i })
      .first()
      .click();
    await tab.page.getByPlaceholder("Search").last().fill("needle");
    await tab.page.locator(`a[href="/c/${chatId}"]`).last().waitFor();
    await eventually("the finding alone", async () => /needle in a haystack/.test(await tab.everything()));
    await tab.picture("6-search");
    await expectSound(stage, tab);
  },

  async "a chat in a folder is found there"(stage) {
    const { chatId } = await stage.offstage.ask(question("filed", { title: "Filed away" })).answer();
    const folder = JSON.parse(await post(stage, "/api/v1/folders/", { name: "Drawer" })) as { id: string };
    await post(stage, `/api/v1/chats/${chatId}/folder`, { folder_id: folder.id });
    const tab = await stage.openTab("/");
    const sidebar = tab.page.locator("#sidebar");
    await sidebar
      .getByText("Folders", { exact: true })
      .first()
      .click({ timeout: 1_500 })
      .catch(() => {
        // 0.6.15 has no such part, which is closed at first.
      });
    await sidebar.getByText("Drawer").first().click();
    await tab.page.getByText("Filed away").first().waitFor();
    await tab.picture("9-folder");
    await tab.page.getByText("Filed away").first().click();
    await tab.expectTexts(["filed", expectedAnswer("filed")]);
    await expectSound(stage, tab);
  },
};
