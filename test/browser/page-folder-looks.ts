import { equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import type { StoredChat } from "../../src/contract/stored-chat.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import type { LookStage } from "./look-stage.ts";
import { chatTab, confirm, get, post } from "./own-server.ts";

interface Folder {
  id: string;
  parent_id: string | null;
  name: string;
}

const foldersOf = (stage: LookStage) => get<Folder[]>(stage, "/api/v1/folders/");

/** A folder in the sidebar, whose list of folders newer pages keep closed at first. */
async function shownFolder(page: Page, name: string): Promise<Locator> {
  const sidebar = page.locator("#sidebar");
  const folder = sidebar.getByText(name, { exact: true }).first();
  const list = sidebar.getByText("Folders", { exact: true }).first();
  await folder.or(list).first().waitFor();
  if (!(await folder.isVisible())) await list.click();
  await folder.waitFor();
  return folder;
}

/** Chooses from a folder's menu, which shows while the mouse is there. */
async function choose(page: Page, name: string, item: RegExp): Promise<void> {
  const folder = await shownFolder(page, name);
  await folder.hover();
  const row = folder.locator("xpath=ancestor::*[.//button][1]");
  await row.locator("button").last().click();
  const buttons = page.getByRole("menu").getByRole("button", { name: item });
  await page.getByRole("menuitem", { name: item }).or(buttons).last().click();
}

/** Shows what is in a folder. */
async function open(page: Page, name: string): Promise<void> {
  const folder = await shownFolder(page, name);
  const newer = page.getByRole("button", { name: `Expand ${name}` });
  await folder.hover();
  await ((await newer.count()) > 0 ? newer : folder).first().click();
}

/** Drags until it is done: a list that moves under the mouse takes nothing. */
async function drag(from: Locator, to: Locator, isDone: () => Promise<boolean>): Promise<void> {
  const once = async () => {
    await from.dragTo(to);
    await to.page().waitForTimeout(1_000);
    return isDone();
  };
  await eventually("what was dragged is where it was let go", once, 20_000);
}

/** What people do with folders in folders. */
export const PAGE_FOLDER_LOOKS: Readonly<Record<string, Look>> = {
  async "folders go into each other with a chat, are exported, renamed, and deleted together"(stage) {
    for (const name of ["Outer", "Inner"]) await post(stage, "/api/v1/folders/", { name });
    const { tab, chatId } = await chatTab(stage, "in a nest");
    const { page } = tab;
    const named = async (name: string) => (await foldersOf(stage)).find((folder) => folder.name === name);
    await tab.rest();

    const outer = await named("Outer");
    await drag(await shownFolder(page, "Inner"), await shownFolder(page, "Outer"), async () => {
      return (await named("Inner"))?.parent_id === outer?.id;
    });
    await tab.reload();
    await tab.rest();
    if (!(await page.locator("#sidebar").getByText("Inner", { exact: true }).first().isVisible()))
      await open(page, "Outer");

    const chat = page.locator(`#sidebar a[href="/c/${chatId}"]`).first();
    const inner = await named("Inner");
    await drag(chat, await shownFolder(page, "Inner"), async () => {
      const { folder_id: folderId } = (await stage.offstage.client.getChat(chatId)) as { folder_id?: string };
      return folderId === inner?.id;
    });
    await tab.picture("11-nested");

    const download = page.waitForEvent("download", { timeout: 10_000 });
    await choose(page, "Inner", /^Export$/);
    const exported = JSON.parse(await readFile(await (await download).path(), "utf8")) as StoredChat[];
    equal(exported.map(({ id }) => id).join(), chatId);
    equal(Object.keys(exported[0]?.chat.history.messages ?? {}).length, 2);

    await choose(page, "Inner", /^(Rename|Edit)$/);
    const dialog = page.getByRole("dialog").getByRole("textbox");
    const inPlace = page.locator("#sidebar input");
    await dialog.or(inPlace).first().waitFor();
    const isDialog = (await dialog.count()) > 0;
    await (isDialog ? dialog : inPlace).first().fill("Innermost");
    if (isDialog) await page.getByRole("button", { name: "Save", exact: true }).last().click();
    else await page.keyboard.press("Enter");
    await eventually("the name", async () => (await named("Innermost"))?.id === inner?.id);
    await shownFolder(page, "Innermost");

    await choose(page, "Outer", /^Delete$/);
    await confirm(page);
    await eventually("the folders' end", async () => !(await named("Outer")) && !(await named("Innermost")));
    await page.locator("#sidebar").getByText("Outer", { exact: true }).waitFor({ state: "hidden" });
    const ids = (await get<{ id: string }[]>(stage, "/api/v1/chats/")).map(({ id }) => id);
    stage.note(`its chat is ${ids.includes(chatId) ? "kept" : "deleted with it"}`);
    await expectSound(stage, tab);
  },
};
