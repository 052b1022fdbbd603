import { deepEqual, equal } from "node:assert/strict";
import type { Page } from "playwright-core";
import { expectedAnswer, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import { asGuest, chatTab, openSettings, post } from "./own-server.ts";

/** Opens the list of archived chats, with what can be done to all of them: older pages have it in the user's menu. */
async function openArchive(page: Page, name: string): Promise<void> {
  await page.locator("#sidebar").getByRole("button", { name }).last().click();
  const older = page.getByText("Archived Chats", { exact: true });
  await older
    .or(page.getByText("Settings", { exact: true }))
    .last()
    .waitFor();
  if (await older.last().isVisible()) return older.last().click();
  await page.getByText("Settings", { exact: true }).last().click();
  await page
    .getByRole("tab", { name: /^Archived Chats$/ })
    .first()
    .click();
  await page.getByText("Actions", { exact: true }).last().click();
}

/** What two people have to do with each other's things, and what one does who is not the administrator. */
export const OWN_GUEST_LOOKS: Readonly<Record<string, Look>> = {
  async "a shared chat is read and cloned by somebody else, until the share is taken back"(stage) {
    const { tab, chatId } = await chatTab(stage, "for others");
    const { share_id: shareId } = JSON.parse(await post(stage, `/api/v1/chats/${chatId}/share`, {})) as {
      share_id: string;
    };
    await asGuest(stage, async ({ page, troubles, token }) => {
      await page.goto(`${stage.baseUrl}/s/${shareId}`);
      await page.getByText(expectedAnswer("for others")).first().waitFor();
      await page
        .getByRole("button", { name: /^Clone( Chat)?$/ })
        .first()
        .click();
      await page.waitForURL(/\/c\//);
      await page.getByText(expectedAnswer("for others")).first().waitFor();
      const headers = { authorization: `Bearer ${token}` };
      const reply = await fetch(`${stage.baseUrl}/api/v1/chats/`, { headers });
      equal(((await reply.json()) as unknown[]).length, 1);
      deepEqual(troubles, []);

      await tab.page.locator(`#sidebar a[href="/c/${chatId}"]`).first().hover();
      await tab.openChatMenu();
      await tab.page
        .getByRole("menuitem", { name: "Share", exact: true })
        .or(tab.page.getByRole("button", { name: "Share", exact: true }))
        .last()
        .click();
      await tab.picture("14-share");
      await tab.page
        .getByText(/delete this link|unshare/i)
        .last()
        .click();
      await eventually("the share's end", async () => {
        const { share_id } = (await stage.offstage.client.getChat(chatId)) as { share_id?: string | null };
        return !share_id;
      });
      await page.goto(`${stage.baseUrl}/s/${shareId}`);
      await page.waitForLoadState("networkidle");
      equal(await page.getByText(expectedAnswer("for others")).count(), 0);
    });
    await expectSound(stage, tab);
  },

  async "all chats go into the archive and come back"(stage) {
    const { tab } = await chatTab(stage, "everything");
    await stage.offstage.ask(question("more")).answer();
    await asGuest(stage, async ({ page, troubles, token, name }) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const call = async (path: string, body?: unknown) => {
        const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
        return (await fetch(`${stage.baseUrl}/api/v1/chats/${path}`, { headers, ...init })).json();
      };
      for (const title of ["first", "second"])
        await call("new", { chat: { title, messages: [], history: { messages: {}, currentId: null } } });
      const archived = async () => ((await call("archived")) as unknown[]).length;
      await page.reload();
      await openSettings(page, /^(Chats|Data Controls)$/, name);
      await page
        .getByRole("button", { name: /^Archive All/ })
        .or(page.getByText(/^Archive All( Chats)?$/))
        .last()
        .click();
      const yes = page.locator('xpath=//*[normalize-space(text())="Are you sure?"]/following::button[1]');
      await yes
        .or(page.getByRole("button", { name: /^confirm$/i }))
        .last()
        .click();
      await eventually("the archive", async () => (await archived()) === 2);
      await page.reload();
      await openArchive(page, name);
      await page
        .getByText(/^Unarchive All( Archived Chats)?$/)
        .last()
        .click();
      const asked = page
        .getByText(/Are you sure you want to unarchive all/)
        .locator("xpath=ancestor::*[.//button][1]");
      await asked.getByRole("button", { name: "Unarchive All" }).click();
      await eventually("all of them back", async () => (await archived()) === 0);
      for (const title of ["first", "second"])
        await page.locator("#sidebar").getByText(title).first().waitFor();
      deepEqual(troubles, []);
    });
    await expectSound(stage, tab);
  },
};
