import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MODEL } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { PASSWORD } from "../support/server.ts";
import { axeFindings } from "./axe-findings.ts";
import { agree, field, openSettings, shown } from "./settings-tab.ts";
import { ask, button, composer, lastAnswer, missingBrowser, openUiStage, type UiStage } from "./ui-stage.ts";

const missing = missingBrowser();

describe.skipIf(missing !== null)("the settings", () => {
  let stage: UiStage;

  beforeAll(async () => {
    stage = await openUiStage({ provider: { models: [MODEL, "gpt-4o-mini"] } });
  });
  afterAll(() => stage?.close());
  afterEach(async () => {
    await stage.closeWindows();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  const settings = (page: string) => openSettings(stage, page);

  test("a name and the colours are kept; what is not saved is asked about", async () => {
    const page = await settings("account");
    await field(page, "Name").fill("The owner");
    await page.getByRole("link", { name: "API keys" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await field(page, "Name").inputValue()).toBe("The owner");
    await field(page, "Name").press("Enter");
    await shown(page, "Saved.").waitFor();
    await page.getByLabel("Dark").check();
    await page.reload();
    await page.getByText("The owner", { exact: true }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    expect(await page.getByLabel("Dark").isChecked()).toBe(true);
  });

  test("another password is taken, and a wrong one is refused with the reason beside it", async () => {
    const mira = await stage.addUser("mira");
    const window = await stage.openWindow({ email: "mira@example.org" });
    const page = await window.newPage();
    await page.goto(`${stage.url}/settings/account`);
    await field(page, "Present password").fill("not that one");
    await field(page, "New password").fill("another good password");
    await button(page, "Change the password").click();
    await page.getByRole("alert").filter({ hasText: "password" }).waitFor();
    stage.troubles.splice(0);
    await field(page, "Present password").fill(PASSWORD);
    await button(page, "Change the password").click();
    await page.getByText("The password is changed.").waitFor();
    await page.reload();
    await field(page, "Name").waitFor();
    expect((await mira.get("/api/v1/auths/")).status).toBe(401);
  });

  test("a key is made, shown once, and revoked after a question", async () => {
    const page = await settings("keys");
    await field(page, "Name").fill("nightly");
    await field(page, "Name").press("Enter");
    const key = await page.getByRole("status").locator("code").textContent();
    expect(key).toMatch(/^sk-/);
    const asKey = () =>
      fetch(`${stage.url}/api/v1/auths/`, { headers: { authorization: `Bearer ${key}` } }).then(
        ({ status }) => status,
      );
    expect(await asKey()).toBe(200);
    await page.reload();
    await shown(page, "nightly").waitFor();
    expect(await page.getByText(key!).count()).toBe(0);
    await button(page, "Revoke “nightly”").click();
    await agree(page, "Revoke");
    await shown(page, "No keys yet.").waitFor();
    expect(await asKey()).toBe(401);
  });

  test("memories are added, changed, deleted, and go along once they are switched on", async () => {
    const page = await settings("memories");
    await field(page, "What shall be remembered?").fill("I take the ferry.");
    await button(page, "Remember").click();
    await button(page, "Edit “I take the ferry.”").click();
    await page.getByRole("dialog").getByRole("textbox").fill("I take the tram.");
    await button(page, "Save").click();
    await shown(page, "I take the tram.").waitFor();
    const kept = page.waitForResponse((response) => response.url().endsWith("/user/settings/update"));
    await page.getByLabel("Answers use my memories").check();
    await kept;
    await page.reload();
    await eventually("the switch is on", () => page.getByLabel("Answers use my memories").isChecked());
    await page.getByRole("link", { name: "New chat", exact: true }).click();
    await ask(page, "How do I get home?");
    await lastAnswer(page).filter({ hasText: "How do I get home?" }).waitFor();
    expect(JSON.stringify(stage.provider.requests)).toContain("I take the tram.");
    await page.goto(`${stage.url}/settings/memories`);
    await button(page, "Delete all memories").click();
    await agree(page, "Delete");
    await shown(page, "No memories yet.").waitFor();
  });

  test("a prompt is made, called up by its command with the keyboard alone, and deleted", async () => {
    const page = await settings("prompts");
    await button(page, "New prompt").click();
    await field(page, "Name").fill("Summary");
    await field(page, "Command").fill("two words");
    await field(page, "Text").fill("Summarise this:");
    await button(page, "Save").click();
    await page.getByText("must be one word", { exact: false }).first().waitFor();
    stage.troubles.splice(0);
    await field(page, "Command").fill("sum");
    await button(page, "Save").click();
    await shown(page, "/sum").waitFor();
    await page.getByRole("link", { name: "New chat", exact: true }).click();
    await composer(page).pressSequentially("/su");
    await page.getByRole("option", { name: "/sum" }).waitFor();
    await composer(page).press("Enter");
    expect(await composer(page).inputValue()).toBe("Summarise this:");
    await page.goto(`${stage.url}/settings/prompts`);
    await button(page, "Edit “Summary”").click();
    await field(page, "Text").fill("Make this shorter:");
    await button(page, "Save").click();
    await button(page, "Versions of “Summary”").click();
    await page.getByRole("listitem").filter({ hasText: "Make this shorter:" }).getByText("In use").waitFor();
    await button(page, "Bring back").click();
    await page.getByRole("listitem").filter({ hasText: "Summarise this:" }).getByText("In use").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await button(page, "Close").click();
    expect((await stage.owner.get("/api/v1/prompts/command/sum")).body.content).toBe("Summarise this:");
    await button(page, "Delete “Summary”").click();
    await agree(page, "Delete");
    await shown(page, "No prompts yet.").waitFor();
  });

  test("a collection is made, given a file, renamed and deleted", async () => {
    const page = await settings("knowledge");
    await button(page, "New collection").click();
    await field(page, "Name").fill("Timetables");
    await button(page, "Save").click();
    const buffer = Buffer.from("The ferry leaves at 09:40.");
    await page.setInputFiles("input[type=file]", { name: "ferry.txt", mimeType: "text/plain", buffer });
    await shown(page, "ready").waitFor();
    await button(page, "Name and description").click();
    await field(page, "Name").fill("Ferries");
    await button(page, "Save").click();
    await page.reload();
    await page.getByRole("heading", { name: "Ferries" }).waitFor();
    await button(page, "Remove “ferry.txt”").click();
    await agree(page, "Remove");
    await page.getByText("No files yet.").waitFor();
    await button(page, "Delete the collection").click();
    await agree(page, "Delete");
    await shown(page, "No collections yet.").waitFor();
  });

  test("chats are exported and imported, brought back from the archive, and all deleted", async () => {
    const made = await stage.owner.post("/api/v1/chats/new", {
      chat: { title: "A letter", messages: [] },
    });
    await stage.owner.post(`/api/v1/chats/${made.body.id}/archive`);
    const page = await settings("chats");
    await button(page, "Bring back: A letter").click();
    await shown(page, "The archive is empty.").waitFor();
    const saved = page.waitForEvent("download");
    await button(page, "Export all chats").click();
    const content = await readFile(await (await saved).path(), "utf8");
    await button(page, "Delete all chats").click();
    await agree(page, "Delete all chats");
    await page.getByText("All your chats are deleted.").waitFor();
    const importing = (text: string) =>
      page.setInputFiles(".sheet input[type=file]", {
        name: "chats.json",
        mimeType: "application/json",
        buffer: Buffer.from(text),
      });
    await importing("no chats");
    await page.getByRole("alert").filter({ hasText: "holds no chats" }).waitFor();
    await importing(content);
    await page.getByText(/chats? (is|are) in\.$/).waitFor();
    await page.reload();
    await page.getByRole("navigation", { name: "Chats" }).getByText("A letter").waitFor();
  });

  test("a model of one's own is made, asked and deleted; a provider's is hidden and shown again", async () => {
    const page = await settings("models");
    await button(page, "New model").click();
    await field(page, "Name").fill("Ferry clerk");
    await field(page, "Asks").selectOption("gpt-4o-mini");
    await field(page, "System prompt").fill("You sell tickets for ferries.");
    await button(page, "Save").click();
    await shown(page, "Ferry clerk").waitFor();
    await page.reload();
    await shown(page, "Ferry clerk").waitFor();
    const listed = await stage.owner.get("/api/models");
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toContain("ferry-clerk");
    await button(page, "Delete “Ferry clerk”").click();
    await agree(page, "Delete");
    await shown(page, "None yet.").waitFor();

    for (const isHidden of [true, false]) {
      await button(page, "Edit “gpt-4o-mini”").click();
      await field(page, "Hidden").setChecked(isHidden);
      await button(page, "Save").click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.reload();
      await eventually("the list says it", async () => {
        const row = page.getByRole("main").getByRole("listitem").filter({ hasText: "gpt-4o-mini" });
        return (await row.count()) === 1 && (await row.textContent())!.includes("hidden") === isHidden;
      });
    }
  });

  test("axe finds nothing on any page, on a phone and on a wide screen", async () => {
    const page = await stage.openTab("/settings");
    const links = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
    await links.first().waitFor();
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
    for (const [width, colorScheme] of [
      [390, "dark"],
      [1440, "light"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      for (const path of ["/settings", ...paths]) {
        await page.goto(stage.url + path);
        await page.getByRole("main").waitFor();
        await page.getByText("Reading…").first().waitFor({ state: "detached" });
        expect([path, await axeFindings(page)]).toEqual([path, []]);
      }
    }
  });
});
