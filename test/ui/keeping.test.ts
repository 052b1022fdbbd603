import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chatOf, fetchMessage, newChat, placeholder, userMessage } from "../support/chat.ts";
import { axeFindings } from "./axe-findings.ts";
import {
  ask,
  button,
  chooseFromMenu,
  composer,
  lastAnswer,
  missingBrowser,
  openUiStage,
  type UiStage,
} from "./ui-stage.ts";

const missing = missingBrowser();

const chatIdOf = (page: Page) => page.url().split("/c/")[1]!;

describe.skipIf(missing !== null)("what people keep of a chat", () => {
  let stage: UiStage;

  beforeAll(async () => {
    stage = await openUiStage();
  });
  afterAll(() => stage?.close());
  afterEach(async () => {
    await stage.closeWindows();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  async function ferries(): Promise<string> {
    const sources = [
      { source: { name: "times.pdf" }, document: ["09:00 daily"], metadata: [{ name: "times.pdf" }] },
    ];
    const answer = placeholder("a", "u", { content: "At **nine**. [1]", done: true, sources });
    const question = userMessage("u", "When does it leave?", { childrenIds: ["a"] });
    const chat = chatOf([question, answer], { title: "Ferries" });
    return (await newChat(stage.owner, chat)).id;
  }

  test("an answer's text is changed in its place, in every tab, and what the model thought stays", async () => {
    const page = await stage.openTab();
    await ask(page, "[[reason=3]] [[tokens=4]] Go");
    await lastAnswer(page).filter({ hasText: "tok3" }).waitFor();
    await button(page, "Ask").waitFor();
    const chatId = chatIdOf(page);
    const second = await stage.openTab(`/c/${chatId}`);
    await lastAnswer(second).filter({ hasText: "tok3" }).waitFor();
    await button(page, "Edit the answer").click();
    const field = page.getByLabel("The answer's text");
    await field.fill("Better **words**");
    await page.locator(".editor").getByRole("button", { name: "Save" }).click();
    for (const tab of [page, second]) await lastAnswer(tab).locator("strong", { hasText: "words" }).waitFor();
    await page.reload();
    await lastAnswer(page).locator("strong", { hasText: "words" }).waitFor();
    await page.locator("summary", { hasText: "Reasoning" }).waitFor();
    expect(await page.getByRole("group", { name: /\d \/ \d/ }).count()).toBe(0);
  });

  test("a question's text is saved without asking; an answer is kept where the server refuses", async () => {
    const page = await stage.openTab(`/c/${await ferries()}`);
    await button(page, "Edit the question").click();
    await page.locator(".editor textarea").fill("When does it come back?");
    await button(page, "Save without asking").click();
    await page.locator(".words", { hasText: "When does it come back?" }).waitFor();
    expect(await fetchMessage(stage.owner, chatIdOf(page), "u")).toMatchObject({
      content: "When does it come back?",
    });
    await button(page, "Edit the answer").click();
    await page.getByLabel("The answer's text").fill("At ten.");
    await page.route("**/messages/a", (route) => route.abort());
    await page.keyboard.press("Control+Enter");
    await page.getByText("The server cannot be reached").waitFor();
    expect(await page.getByLabel("The answer's text").inputValue()).toBe("At ten.");
    await page.unroute("**/messages/a");
    await page.keyboard.press("Control+Enter");
    await lastAnswer(page).filter({ hasText: "At ten." }).waitFor();
    stage.troubles.splice(0);
  });

  test("a chat is exported as JSON that can be imported, as Markdown, and as text", async () => {
    const page = await stage.openTab(`/c/${await ferries()}`);
    const saved: Record<string, string> = {};
    for (const form of ["JSON", "Markdown", "Plain text"]) {
      await chooseFromMenu(page, "Export…");
      const download = page.waitForEvent("download");
      await button(page, form).click();
      const file = await download;
      saved[file.suggestedFilename()] = await readFile(await file.path(), "utf8");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    expect(Object.keys(saved)).toEqual(["Ferries.json", "Ferries.md", "Ferries.txt"]);
    expect(saved["Ferries.md"]).toContain("## You\n\nWhen does it leave?\n\n## gpt-4o\n\nAt **nine**.");
    expect(saved["Ferries.txt"]).toContain("You:\nWhen does it leave?");
    const imported = await stage.owner.post("/api/v1/chats/import", {
      chats: [JSON.parse(saved["Ferries.json"]!)],
    });
    expect(imported.body[0].chat.history.messages.a.content).toBe("At **nine**. [1]");
  });

  test("a chat is shared by a link that another reads and goes on from, until it is taken back", async () => {
    await stage.addUser("nina");
    const page = await stage.openTab(`/c/${await ferries()}`);
    await chooseFromMenu(page, "Share…");
    await button(page, "Make a link").click();
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    expect(await axeFindings(page)).toEqual([]);
    const reader = await stage.openTab(link.slice(stage.url.length), { email: "nina@example.org" });
    await reader.getByText("At nine.").waitFor();
    expect(await reader.getByRole("heading", { name: "Ferries" }).count()).toBe(1);
    expect(await axeFindings(reader)).toEqual([]);
    await reader.locator('[data-cite="1"]').click();
    await reader.getByRole("dialog").getByText("09:00 daily").waitFor();
    await reader.keyboard.press("Escape");
    await button(reader, "Go on in a copy of your own").click();
    await ask(reader, "And back?");
    await lastAnswer(reader).filter({ hasText: "You said: And back?" }).waitFor();
    await button(page, "Take the link back").click();
    await button(page, "Make a link").waitFor();
    await reader.goto(link);
    await reader.getByRole("alert").filter({ hasText: "does not exist, was deleted" }).waitFor();
    await reader.getByRole("link", { name: "New chat", exact: true }).click();
    await composer(reader).waitFor();
    stage.troubles.splice(0);
  });

  test("a copy of a chat is made and shown", async () => {
    const id = await ferries();
    const page = await stage.openTab(`/c/${id}`);
    await chooseFromMenu(page, "Make a copy");
    await page.getByRole("heading", { name: "Clone of Ferries" }).waitFor();
    expect(chatIdOf(page)).not.toBe(id);
    await lastAnswer(page).filter({ hasText: "At nine." }).waitFor();
  });
});
