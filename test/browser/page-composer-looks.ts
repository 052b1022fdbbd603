import { equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { expectedAnswer, MODEL, OTHER_MODEL } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import type { LookStage } from "./look-stage.ts";
import { chatTab, get, post } from "./own-server.ts";

const FERRY = "The ferry to Lund leaves at 09:40 every weekday.";
/** A page of the web whose one sentence stands behind four million letters that nobody reads. */
const LARGE = `<!doctype html><html><body><!--${"x".repeat(4_000_000)}--><p>${FERRY}</p></body></html>`;
const UPLOAD_BYTES_PER_SEC = 2_000_000;

/** A collection with one file in it. */
async function makeCollection(stage: LookStage, name: string, fileName: string): Promise<void> {
  const form = new FormData();
  form.append("file", new Blob([FERRY]), fileName);
  const headers = { authorization: `Bearer ${stage.token}` };
  const reply = await fetch(`${stage.baseUrl}/api/v1/files/`, { method: "POST", body: form, headers });
  const file = (await reply.json()) as { id: string };
  await eventually("the file is read", async () => {
    const { data } = await get<{ data: { status?: string } | null }>(stage, `/api/v1/files/${file.id}`);
    return (data?.status ?? "completed") === "completed";
  });
  const created = await post(stage, "/api/v1/knowledge/create", { name, description: "of the north" });
  const { id } = JSON.parse(created) as { id: string };
  await post(stage, `/api/v1/knowledge/${id}/file/add`, { file_id: file.id });
}

/** What is written in, with the files that go along; newer pages have no form around it. */
const composerOf = (page: Page) =>
  page.locator("form:has(#chat-input), #message-input-container:has(#chat-input)").last();

/** What people put beside a question, and how they use the keys. */
export const PAGE_COMPOSER_LOOKS: Readonly<Record<string, Look>> = {
  async "a collection and a file of it are picked by their names"(stage) {
    await makeCollection(stage, "Harbours", "timetable.txt");
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const { page } = tab;
    for (const name of ["Harbours", "timetable.txt"]) {
      await tab.rest();
      await tab.draft(`#${name.slice(0, 5).toLowerCase()}`);
      await page.getByText(name, { exact: true }).first().waitFor();
      await tab.picture(`14-picked-${name.slice(0, 3)}`);
      await page.getByText(name, { exact: true }).first().click();
      await eventually("nothing left of what was typed", async () => !(await tab.drafted()).includes("#"));
      await composerOf(page).getByText(name, { exact: true }).first().waitFor();
    }
    await tab.ask("When does it leave?");
    await tab.seen("You said: When does it leave?");
    await tab.expectIdle();
    match(await tab.everything(), /1 Source|timetable\.txt/);
    const { chat } = await stage.offstage.client.getChat(tab.chatId() ?? "");
    const [question] = Object.values(chat.history.messages).filter(({ role }) => role === "user");
    const types = ((question?.files ?? []) as { type: string }[]).map(({ type }) => type);
    equal(types.toSorted().join(), "collection,file");
    await expectSound(stage, tab);
  },

  async "a large file is shown on its way, and asked about when it is there"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const { page } = tab;
    await tab.rest();
    const line = await page.context().newCDPSession(page);
    const slow = { offline: false, latency: 0, downloadThroughput: -1 };
    await line.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: UPLOAD_BYTES_PER_SEC });
    const file = { name: "large.html", mimeType: "text/html", buffer: Buffer.from(LARGE) };
    let isUp = false;
    page.on("requestfinished", (request) => {
      if (request.method() === "POST" && new URL(request.url()).pathname === "/api/v1/files/") isUp = true;
    });
    await page.locator('input[type="file"]').first().setInputFiles(file);
    const composer = composerOf(page);
    await composer.getByText("large.html").first().waitFor();
    // What turns around moves by itself, or says so by its class.
    const spinner = composer.locator('svg:has(animateTransform), svg[class*="spin"], [class*="spinner"]');
    await spinner.first().waitFor();
    ok(!isUp, "it is shown while it is on its way");
    await tab.picture("14-on-its-way");
    await eventually("the file is there", async () => isUp, 20_000);
    await spinner.first().waitFor({ state: "hidden" });
    const found = await get<{ meta: { size: number } }[]>(stage, "/api/v1/files/search?filename=large.html");
    equal(found[0]?.meta.size, LARGE.length);
    await tab.ask("When does the ferry leave?");
    await tab.seen("You said: When does the ferry leave?");
    await tab.expectIdle();
    await tab.reload();
    await tab.seen("You said: When does the ferry leave?");
    match(await tab.everything(), /1 Source|large\.html/);
    await expectSound(stage, tab);
  },

  async "keys copy the last answer, begin a chat and show what keys there are"(stage) {
    await stage.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: stage.baseUrl });
    const { tab } = await chatTab(stage, "by keys");
    const { page } = tab;
    await tab.rest();
    await page.keyboard.press("Control+Shift+C");
    await eventually("the answer copied", async () => {
      const copied = (await page.evaluate("navigator.clipboard.readText()")) as string;
      return copied.trim() === expectedAnswer("by keys");
    });
    await page.keyboard.press("Control+Shift+O");
    await page.waitForURL((url) => url.pathname === "/");
    await page.locator("#chat-input").waitFor();
    await page.keyboard.press("Shift+Escape");
    await page.keyboard.type("typed at once");
    await eventually("the input under the keys", async () => (await tab.drafted()) === "typed at once");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Control+/");
    const help = page.getByText(/^Enable Keyboard Shortcuts$|^Keyboard shortcuts$/).first();
    const isShown = await help.waitFor({ timeout: 3_000 }).then(
      () => true,
      () => false,
    );
    stage.note(isShown ? "the keys are shown" : "this version has no page of its keys");
    await tab.picture("14-keys");
    await expectSound(stage, tab);
  },

  async "the answers of two models are merged into one, which stays"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL},${OTHER_MODEL}`);
    await tab.ask("both, please");
    for (const model of [MODEL, OTHER_MODEL]) await tab.seen(expectedAnswer("both, please", 1, model));
    await tab.expectIdle();
    await tab.rest();
    await tab.page.locator("#merge-response-button").click();
    const { page } = tab;
    await page.getByText("Merged Response").first().waitFor();
    const merged = async () => {
      const { chat } = await stage.offstage.client.getChat(tab.chatId() ?? "");
      const all = Object.values(chat.history.messages) as { merged?: { content?: string } }[];
      return all.find((message) => message.merged?.content)?.merged?.content;
    };
    const text = await eventually("the merged answer", merged);
    await page.getByText(text.trim()).first().waitFor();
    await tab.picture("14-merged");
    await tab.reload();
    await page.getByText(text.trim()).first().waitFor();
    await expectSound(stage, tab);
  },
};
