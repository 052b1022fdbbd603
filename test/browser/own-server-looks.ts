import { equal, match, ok } from "node:assert/strict";
import { expectedAnswer, MODEL, OTHER_MODEL } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, FIRST_WORDS, type Look, SLOWLY } from "./look.ts";
import { OWN_ADMIN_LOOKS } from "./own-admin-looks.ts";
import { OWN_GUEST_LOOKS } from "./own-guest-looks.ts";
import { OWN_LIST_LOOKS } from "./own-list-looks.ts";
import { OWN_PEOPLE_LOOKS } from "./own-people-looks.ts";
import { OWN_PERSONAL_LOOKS } from "./own-personal-looks.ts";
import { ask, chatTab, post } from "./own-server.ts";
import { watchTroubles } from "./troubles.ts";

const PASSWORD = "correct horse battery";

/** What web UIs do on our server beyond what every look proves. */
export const OWN_SERVER_LOOKS: Readonly<Record<string, Look>> = {
  ...OWN_LIST_LOOKS,
  ...OWN_PERSONAL_LOOKS,
  ...OWN_ADMIN_LOOKS,
  ...OWN_GUEST_LOOKS,
  ...OWN_PEOPLE_LOOKS,

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
      await page.getByText("Sign Out").last().click();
      await page.getByPlaceholder("Enter Your Email").fill("ann@example.org");
      await page.getByPlaceholder("Enter Your Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.locator("#chat-input").waitFor();
      equal(troubles.join("\n"), "");
    } finally {
      await context.close();
    }
  },

  async "the tutorial's literal chat opens, is answered while it is shown, and goes on"(stage) {
    const asked = {
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
    const messages = { "user-msg-id": asked, "assistant-msg-id": answer };
    const history = { current_id: "assistant-msg-id", messages };
    const chat = { title: "Literal", models: [MODEL], messages: [asked, answer], history };
    const { id } = JSON.parse(await post(stage, "/api/v1/chats/new", { chat })) as { id: string };
    const tab = await stage.openTab(`/c/${id}`);
    await tab.seen("Hi there");
    await post(stage, "/api/chat/completions", {
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
    const conversation = (await tab.page.locator("#messages-container").allInnerTexts()).join();
    ok(!/Loading/.test(conversation), "the chat never ends loading");
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
    const edit = tab.page.locator(".edit-user-message-button");
    await edit
      .or(tab.page.locator(".chat-user").getByRole("button", { name: "Edit" }))
      .first()
      .click();
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
    await tab.ask("When does the ferry leave?");
    // A page that has not seen the file's end yet does not send.
    await eventually("the question sent", async () => {
      if (tab.chatId() === null) await tab.page.keyboard.press("Enter");
      return tab.chatId() !== null;
    });
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
    await tab.page.keyboard.press("Escape");
    await tab.page.getByPlaceholder("Search a model").waitFor({ state: "hidden" });
    await tab.ask("who are you");
    await tab.expectTexts(["who are you", expectedAnswer("who are you", 1, OTHER_MODEL)]);
    await tab.picture("8-other-model");
    await expectSound(stage, tab);
  },

  async "two models are asked at once by a person"(stage) {
    const tab = await stage.openTab(`/?models=${MODEL},${OTHER_MODEL}`);
    await tab.ask("both of you");
    const answers = [MODEL, OTHER_MODEL].map((model) => expectedAnswer("both of you", 1, model));
    await tab.expectTexts(["both of you", ...answers]);
    await tab.picture("8-two-models");
    await tab.reload();
    await tab.expectTexts(["both of you", ...answers]);
    await expectSound(stage, tab);
  },

  async "settings open and are kept"(stage) {
    const tab = await stage.openTab("/");
    await tab.page.locator("#sidebar").getByRole("button", { name: "owner" }).last().click();
    await tab.page.getByText("Settings", { exact: true }).last().click();
    for (const name of ["General", "Interface", "Audio", "About"]) {
      await tab.page.getByRole("tab", { name, exact: true }).first().click();
    }
    await tab.picture("9-settings");
    const { ui } = (await ask(stage, "users/user/settings")) as unknown as { ui: { version?: string } };
    match(ui.version ?? "", /^0\.\d+\.\d+$/);
  },
};
