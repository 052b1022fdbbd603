import { equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import type { ChatTab } from "./chat-tab.ts";
import { expectSound, type Look } from "./look.ts";
import { ask, chatTab, post } from "./own-server.ts";

/** Makes a folder by the page's own button; resolves with its name. */
async function makeFolder({ page }: ChatTab): Promise<string> {
  const sidebar = page.locator("#sidebar");
  const button = sidebar.getByRole("button", { name: "New Folder" });
  if ((await button.count()) === 0) {
    const chats = sidebar.getByRole("button", { name: "Chats", exact: true });
    await chats.hover();
    const row = chats.locator("xpath=ancestor::div[.//button[not(contains(.,'Chats'))]][1]");
    await row.locator("button").last().click({ force: true });
    // It asks for the name in its place.
    await page.locator("#sidebar input").last().waitFor();
    await page.keyboard.press("Enter");
    return "Untitled";
  }
  await button.first().click();
  await page.getByRole("dialog").getByRole("textbox").first().fill("Project");
  await page.getByRole("button", { name: "Save" }).click();
  return "Project";
}

/** What people do with folders, the archive and files of chats. */
export const PAGE_LIST_LOOKS: Readonly<Record<string, Look>> = {
  async "a folder is made, and a chat dragged into it with the mouse"(stage) {
    const { chatId } = await stage.offstage.ask(question("dragged", { title: "Dragged" })).answer();
    const tab = await stage.openTab("/");
    await tab.rest();
    const name = await makeFolder(tab);
    const folder = tab.page.locator("#sidebar").getByText(name, { exact: true }).first();
    await folder.waitFor();
    await tab.rest();
    await tab.page.locator(`#sidebar a[href="/c/${chatId}"]`).first().dragTo(folder);
    await eventually("the chat in the folder", async () => {
      const { folder_id: folderId } = (await stage.offstage.client.getChat(chatId)) as { folder_id?: string };
      return typeof folderId === "string";
    });
    await tab.picture("11-folder");
    await expectSound(stage, tab);
    for (const { id } of await ask(stage, "folders/")) {
      const headers = { authorization: `Bearer ${stage.token}` };
      await fetch(`${stage.baseUrl}/api/v1/folders/${id}`, { method: "DELETE", headers });
    }
  },

  async "a folder's chats are told what the folder says"(stage) {
    const { tab, chatId } = await chatTab(stage, "in a folder");
    const data = { system_prompt: "Answer as a pirate.", files: [] };
    const { id } = JSON.parse(await post(stage, "/api/v1/folders/", { name: "Pirates" })) as { id: string };
    await post(stage, `/api/v1/folders/${id}/update`, { name: "Pirates", data });
    await post(stage, `/api/v1/chats/${chatId}/folder`, { folder_id: id });
    await tab.ask("ahoy");
    await tab.seen("You said: ahoy");
    await tab.expectIdle();
    const asked = stage.provider.requests.map(({ body }) => JSON.stringify(body)).join("\n");
    stage.note(
      `the folder's prompt ${/Answer as a pirate/.test(asked) ? "reaches" : "does not reach"} the model`,
    );
    await post(stage, `/api/v1/chats/${chatId}/folder`, { folder_id: null });
    await expectSound(stage, tab);
  },

  async "all chats are exported, and imported from that file"(stage) {
    await stage.offstage.ask(question("kept for ever", { title: "For ever" })).answer();
    const tab = await stage.openTab("/");
    const { page } = tab;
    await page.locator("#sidebar").getByRole("button", { name: "owner" }).last().click();
    await page.getByText("Settings", { exact: true }).last().click();
    await page
      .getByRole("tab", { name: /^(Chats|Data Controls)$/ })
      .first()
      .click();
    const download = page.waitForEvent("download", { timeout: 10_000 });
    await page
      .getByRole("button", { name: /^Export( Chats)?$/ })
      .first()
      .click();
    const path = await (await download).path();
    const count = async () => (await ask(stage, "chats/")).filter(({ title }) => title === "For ever").length;
    equal(await count(), 1);
    await page.locator("#chat-import-input").setInputFiles({
      name: "chats.json",
      mimeType: "application/json",
      buffer: await readFile(path),
    });
    await eventually("the second", async () => (await count()) === 2, 20_000);
    await tab.picture("11-imported");
    await expectSound(stage, tab);
  },

  async "chats are found by their tag, and by their pin"(stage) {
    const red = await stage.offstage.ask(question("a red one", { title: "red one" })).answer();
    await post(stage, `/api/v1/chats/${red.chatId}/pin`, {});
    const { tab, chatId } = await chatTab(stage, "green one");
    await post(stage, `/api/v1/chats/${chatId}/tags`, { name: "green" });
    /** How often beside the list of all chats, which stays. */
    const shown = async (text: string) => {
      const [all, listed] = [tab.page.locator("body"), tab.page.locator("#sidebar")].map((part) =>
        part.getByText(text, { exact: true }).count(),
      );
      return (await all!) - (await listed!);
    };
    const before = await shown("green one");
    await tab.page
      .getByRole("button", { name: /^search/i })
      .first()
      .click();
    await tab.page.getByPlaceholder("Search").last().fill("tag:green");
    await eventually(
      "the tagged one alone",
      async () => (await shown("green one")) > before && (await shown("red one")) === 0,
    );
    await tab.picture("11-by-tag");
    await tab.page.getByPlaceholder("Search").last().fill("pinned:true");
    await eventually(
      "the pinned one alone",
      async () => (await shown("red one")) > 0 && (await shown("green one")) === before,
    );
    await post(stage, `/api/v1/chats/${red.chatId}/pin`, {});
    await expectSound(stage, tab);
  },
};
