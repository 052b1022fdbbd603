import { equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { expectedAnswer, MODEL, OTHER_MODEL, question } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import type { ChatTab } from "./chat-tab.ts";
import { expectSound, FIRST_WORDS, type Look, SLOWLY } from "./look.ts";
import type { LookStage } from "./look-stage.ts";
import { watchTroubles } from "./troubles.ts";

const PASSWORD = "correct horse battery";

/** What the server says of the first user's things. */
async function ask(stage: LookStage, path: string): Promise<{ id: string; title: string; name: string }[]> {
  const headers = { authorization: `Bearer ${stage.token}` };
  const reply = await fetch(`${stage.baseUrl}/api/v1/${path}`, { headers });
  return (await reply.json()) as never;
}

const idsOf = async (stage: LookStage, path: string) => (await ask(stage, path)).map(({ id }) => id);

/** A chat that a backend made, and a tab on it. */
async function chatTab(stage: LookStage, title: string): Promise<{ tab: ChatTab; chatId: string }> {
  const { chatId } = await stage.offstage.ask(question(title, { title })).answer();
  const tab = await stage.openTab(`/c/${chatId}`);
  await tab.expectTexts([title, expectedAnswer(title)]);
  return { tab, chatId };
}

/** Chooses from the menu of a chat in the sidebar. */
async function choose(page: Page, chatId: string, item: string): Promise<void> {
  const link = page.locator(`#sidebar a[href="/c/${chatId}"]`).first();
  await link.hover();
  const row = link.locator("xpath=ancestor::*[.//button[@aria-label='Chat Menu']][1]");
  await row.getByRole("button", { name: "Chat Menu" }).first().click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

const confirm = (page: Page) =>
  page
    .getByRole("button", { name: /^(confirm|delete)$/i })
    .last()
    .click();

/** What web UIs do on our server beyond what every look proves. */
export const OWN_SERVER_LOOKS: Readonly<Record<string, Look>> = {
  async "a person signs up, out, and in again"(stage) {
    const { page: own } = await stage.openTab("/");
    const context = await own
      .context()
      .browser()!
      .newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const troubles = watchTroubles(page, stage.baseUrl);
    try {
      await page.goto(`${stage.baseUrl}/`);
      await page.getByRole("button", { name: "Sign up" }).click();
      await page.getByPlaceholder("Enter Your Full Name").fill("Ann");
      await page.getByPlaceholder("Enter Your Email").fill("ann@example.org");
      await page.getByPlaceholder("Enter Your Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Create Account" }).click();
      await page.locator("#chat-input").waitFor();
      await page
        .getByRole("button", { name: /user menu/i })
        .first()
        .click();
      await page.getByRole("menuitem", { name: "Sign Out" }).click();
      await page.getByPlaceholder("Enter Your Email").fill("ann@example.org");
      await page.getByPlaceholder("Enter Your Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.locator("#chat-input").waitFor();
      equal(troubles.join("\n"), "");
    } finally {
      await context.close();
    }
  },

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

  async "the tutorial's literal chat opens, is answered while it is shown, and goes on"(stage) {
    const question_ = {
      id: "user-msg-id",
      role: "user",
      content: "Hi there",
      timestamp: 1_720_000_000_000,
      models: [MODEL],
    };
    const answer = {
      id: "assistant-msg-id",
      role: "assistant",
      content: "",
      parentId: "user-msg-id",
      modelName: MODEL,
      modelIdx: 0,
      timestamp: 1_720_000_001_000,
    };
    const messages = { "user-msg-id": question_, "assistant-msg-id": answer };
    const post = async (path: string, body: unknown) => {
      const headers = { authorization: `Bearer ${stage.token}`, "content-type": "application/json" };
      const reply = await fetch(stage.baseUrl + path, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return (await reply.json()) as { id: string };
    };
    const history = { current_id: "assistant-msg-id", messages };
    const chat = { title: "Literal", models: [MODEL], messages: [question_, answer], history };
    const { id } = await post("/api/v1/chats/new", { chat });
    const tab = await stage.openTab(`/c/${id}`);
    await tab.seen("Hi there");
    await post("/api/chat/completions", {
      chat_id: id,
      id: "assistant-msg-id",
      session_id: "session-id",
      messages: [{ role: "user", content: "Hi there" }],
      model: MODEL,
      stream: true,
      background_tasks: { title_generation: true, tags_generation: false, follow_up_generation: false },
    });
    await tab.expectTexts(["Hi there", expectedAnswer("Hi there")]);
    await tab.expectIdle();
    await tab.picture("7-literal");
    await tab.reload();
    await tab.expectTexts(["Hi there", expectedAnswer("Hi there")]);
    await tab.ask("and on");
    await tab.expectTexts(["Hi there", expectedAnswer("Hi there"), "and on", expectedAnswer("and on", 3)]);
    await tab.expectIdle();
    ok(!/Loading/.test(await tab.everything()), "the chat never ends loading");
    await expectSound(stage, tab);
  },

  async "an answer is stopped by a person"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    await tab.ask(`stop ${SLOWLY}`);
    await tab.seen(FIRST_WORDS);
    const stop = tab.page.locator(
      '#message-input-container button:has(rect), form button[aria-label="Stop"], form button:has(path[d^="M2.25 12c0-5.385"])',
    );
    await stop.last().click();
    await tab.expectIdle();
    const chatId = tab.chatId() ?? "";
    const { chat } = await stage.offstage.client.getChat(chatId);
    const { content, done } = chat.history.messages[chat.history.currentId ?? ""] ?? {};
    match(String(content), /^tok0 tok1/);
    equal(done, true);
    await tab.picture("7-stopped");
    await expectSound(stage, tab);
  },

  async "a question is edited, and both branches stay"(stage) {
    const { tab, chatId } = await chatTab(stage, "first words");
    await tab.page.locator(".chat-user, #messages-container .user-message").first().hover();
    await tab.page.getByRole("button", { name: "Edit" }).first().click();
    await tab.page.locator('textarea[id^="message-edit-"]').first().fill("other words");
    await tab.page.getByRole("button", { name: "Send", exact: true }).first().click();
    await tab.expectTexts(["other words", expectedAnswer("other words")]);
    await tab.expectIdle();
    await tab.picture("7-edited");
    const { chat } = await stage.offstage.client.getChat(chatId);
    equal(Object.values(chat.history.messages).filter(({ parentId }) => parentId === null).length, 2);
    await tab.reload();
    await tab.expectTexts(["other words", expectedAnswer("other words")]);
    await expectSound(stage, tab);
  },

  async "a file is uploaded and asked about"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL}`);
    const buffer = Buffer.from("The ferry to Lund leaves at 09:40 every weekday.\n");
    await tab.page
      .locator('input[type="file"]')
      .first()
      .setInputFiles({ name: "ferry.txt", mimeType: "text/plain", buffer });
    await tab.page.getByText("ferry.txt").first().waitFor();
    await tab.picture("8-uploading");
    await eventually("the file is read", async () => {
      const files = (await ask(stage, "files/")) as unknown as {
        filename: string;
        data: { status: string };
      }[];
      return files.some(({ filename, data }) => filename === "ferry.txt" && data.status === "completed");
    });
    await tab.page.waitForTimeout(500);
    await tab.ask("When does the ferry leave?");
    await tab.seen("When does the ferry leave?");
    await tab.expectIdle();
    match(await tab.everything(), /1 Source|ferry\.txt/);
    await tab.picture("8-file");
    await expectSound(stage, tab);
  },

  async "another model is chosen"(stage) {
    const tab = await stage.openTab("/");
    await tab.page
      .getByRole("button", { name: /select a model|gpt-4o/i })
      .first()
      .click();
    await tab.page
      .getByRole("option", { name: OTHER_MODEL })
      .or(tab.page.locator(`[data-value="${OTHER_MODEL}"]`))
      .first()
      .click();
    await tab.ask("who are you");
    await tab.expectTexts(["who are you", expectedAnswer("who are you", 1, OTHER_MODEL)]);
    await tab.picture("8-other-model");
    await expectSound(stage, tab);
  },
};
