import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODEL } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import {
  ask,
  chooseFromMenu,
  composer,
  lastAnswer,
  missingBrowser,
  openUiStage,
  type UiStage,
} from "./ui-stage.ts";

const missing = missingBrowser();

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function answered(page: Page, text: string | RegExp): Promise<void> {
  await lastAnswer(page).filter({ hasText: text }).waitFor();
  await button(page, "Ask").waitFor();
}

describe.skipIf(missing !== null)("a conversation in the web UI", () => {
  let stage: UiStage;

  beforeAll(async () => {
    stage = await openUiStage({ provider: { models: [MODEL, "gpt-4o-mini"] } });
  });
  afterAll(() => stage?.close());

  test("is begun, continued, answered again, switched, edited, and the same after a reload", async () => {
    const page = await stage.openTab();
    await ask(page, "First?");
    await answered(page, "You said: First?");
    expect(page.url()).toMatch(/\/c\/[\w-]+$/);
    await ask(page, "Second?");
    await answered(page, "You said: Second?");
    await page.locator("article").last().getByRole("button", { name: "Answer again" }).click();
    await page.getByRole("group", { name: "2 / 2" }).waitFor();
    await answered(page, "You said: Second?");
    await button(page, "Previous version").click();
    await page.getByRole("group", { name: "1 / 2" }).waitFor();
    await page.reload();
    await page.getByRole("group", { name: "1 / 2" }).waitFor();

    await page.locator("article").last().getByRole("button", { name: "Edit the question" }).click();
    await page.locator(".editor textarea").fill("Another second?");
    await page.locator(".editor").getByRole("button", { name: "Ask", exact: true }).click();
    await answered(page, "You said: Another second?");
    await page.reload();
    await answered(page, "You said: Another second?");
    await button(page, "Previous version").click();
    await answered(page, "You said: Second?");
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("goes on where an answer ended, and with a proposed question", async () => {
    const page = await stage.openTab();
    await ask(page, "[[tokens=5]] Go");
    await answered(page, "tok4");
    await button(page, "Continue").click();
    await eventually("more text", async () => ((await lastAnswer(page).textContent()) ?? "").length > 40);
    await page.getByRole("button", { name: "How many people live there?" }).click();
    await answered(page, "You said: How many people live there?");
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("is had with two models beside each other", async () => {
    const page = await stage.openTab();
    await page.getByRole("button", { name: /choose a model/ }).click();
    await page.getByRole("button", { name: "Ask another model too: gpt-4o-mini" }).click();
    await page.keyboard.press("Escape");
    await ask(page, "Both?");
    for (const model of [MODEL, "gpt-4o-mini"])
      await page.getByText(`Both? (${model}, 1 messages)`).waitFor();
    await page.reload();
    for (const model of [MODEL, "gpt-4o-mini"])
      await page.getByText(`Both? (${model}, 1 messages)`).waitFor();
    await page.getByRole("button", { name: /choose a model/ }).click();
    await page.getByRole("menuitemradio", { name: MODEL, exact: true }).click();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("draws on a file, and shows the passage", async () => {
    const page = await stage.openTab();
    await composer(page).waitFor();
    const buffer = Buffer.from("The ferry leaves at 09:40 every weekday.");
    await page.setInputFiles("input[type=file]", { name: "ferry.txt", mimeType: "text/plain", buffer });
    await button(page, "Take “ferry.txt” away").waitFor();
    await ask(page, "When does the ferry leave?");
    await page.locator("summary", { hasText: "Sources" }).click();
    await page.getByRole("button", { name: /ferry\.txt/ }).click();
    const passage = page.getByRole("dialog").getByText("09:40 every weekday");
    await passage.waitFor();
    await page.keyboard.press("Escape");
    await passage.waitFor({ state: "detached" });
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("keeps its system prompt and parameters", async () => {
    const page = await stage.openTab();
    await ask(page, "Hello");
    await answered(page, "You said: Hello");
    await button(page, "System prompt and parameters").click();
    await page.getByLabel("System prompt", { exact: true }).fill("Speak in rhymes.");
    await page.getByLabel("Temperature").fill("0.3");
    await button(page, "Save").click();
    await ask(page, "Again");
    await answered(page, "You said: Again");
    const { body } = stage.provider.requests.findLast(({ body }) =>
      JSON.stringify(body).includes('"Again"'),
    )!;
    expect(body).toMatchObject({
      temperature: 0.3,
      messages: [{ role: "system", content: "Speak in rhymes." }, {}, {}, {}],
    });
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("is renamed, pinned, put into a folder, searched, archived, and deleted with a way back", async () => {
    const page = await stage.openTab();
    await ask(page, "A question about lighthouses");
    await answered(page, "lighthouses");
    const chats = page.getByRole("navigation", { name: "Chats" });
    const menu = (item: string) => chooseFromMenu(page, item);
    await menu("Rename");
    await page.getByRole("textbox", { name: "Rename" }).fill("Lights at sea");
    await page.keyboard.press("Enter");
    await chats.getByRole("link", { name: "Lights at sea" }).waitFor();
    await menu("Pin");
    await chats.getByRole("heading", { name: "Pinned" }).waitFor();
    await menu("Move to a folder");
    await page.getByLabel("New folder").fill("Coast");
    await page.getByRole("button", { name: "Make it, and move the chat there" }).click();
    await chats.getByRole("button", { name: "Coast", expanded: true }).waitFor();
    await chats.getByRole("link", { name: "Lights at sea" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("lighthouses");
    await page
      .locator(".results")
      .getByRole("link", { name: /Lights at sea/ })
      .waitFor();
    await button(page, "Close").click();
    await menu("Delete");
    await button(page, "Undo").click();
    await chats.getByRole("link", { name: "Lights at sea" }).waitFor();
    expect(stage.troubles.splice(0)).toEqual([]);
  });
});
