import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MODEL } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { PASSWORD } from "../support/server.ts";
import { axeFindings } from "./axe-findings.ts";
import { agree, field, openSettings, shown } from "./settings-tab.ts";
import { button, missingBrowser, openUiStage, type UiStage } from "./ui-stage.ts";

const missing = missingBrowser();

describe.skipIf(missing !== null)("the settings of the server", () => {
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

  test("administrators add, find, change and delete users", async () => {
    const page = await settings("users");
    await button(page, "New user").click();
    await field(page, "Name").fill("Nils");
    await field(page, "E-mail").fill("nils@example.org");
    await field(page, "Password").fill(PASSWORD);
    await page.getByLabel("Role").selectOption("pending");
    await button(page, "Add").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByLabel("Search by name or address").fill("nils@");
    await shown(page, "1 user").waitFor();
    await button(page, "Edit “Nils”").click();
    await page.getByLabel("Role").selectOption("user");
    await button(page, "Save").click();
    await page.getByText("nils@example.org · User").waitFor();
    await button(page, "Quota of “Nils”").click();
    await page.getByText("Today (UTC): 0 answers, 0 tokens.").waitFor();
    await field(page, "Answers a day").fill("3");
    expect(await axeFindings(page)).toEqual([]);
    await button(page, "Save").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.reload();
    await button(page, "Quota of “Nils”").click();
    expect(await field(page, "Answers a day").inputValue()).toBe("3");
    expect(await field(page, "Tokens a day").inputValue()).toBe("");
    await button(page, "As everybody has it").click();
    await agree(page, "Take it back");
    await eventually("both are closed", async () => (await page.getByRole("dialog").count()) === 0);
    await button(page, "Quota of “Nils”").click();
    expect(await field(page, "Answers a day").inputValue()).toBe("");
    await button(page, "Close").click();
    await button(page, "Delete “Nils”").click();
    await agree(page, "Delete");
    await button(page, "Delete “Nils”").waitFor({ state: "detached" });
  });

  test("a group gets members", async () => {
    const page = await settings("groups");
    await button(page, "New group").click();
    await field(page, "Name").fill("Editors");
    await page.getByRole("dialog").getByRole("checkbox", { name: "owner" }).check();
    await button(page, "Save").click();
    await page.reload();
    await shown(page, "1 member").waitFor();
    await button(page, "Delete “Editors”").click();
    await agree(page, "Delete");
    await shown(page, "No groups yet.").waitFor();
  });

  test("providers are tested, added, ordered and removed; a key is never shown", async () => {
    const page = await settings("providers");
    const { url } = stage.provider;
    await button(page, "New provider").click();
    await field(page, "Address").fill(url);
    await field(page, "API key").fill("another-key");
    await field(page, "Prefix of its models' ids").fill("second");
    await button(page, "Test").click();
    await page.getByText("It answers, and lists 2 models.").waitFor();
    await button(page, "Add").click();
    await button(page, `Move ${url} up`).last().click();
    await page.reload();
    await page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ hasText: url })
      .first()
      .filter({ hasText: "second.…" })
      .waitFor();
    expect(await page.content()).not.toContain("another-key");
    await button(page, `Delete “${url}”`).first().click();
    await agree(page, "Remove");
    await eventually("one is left", async () => (await button(page, `Delete “${url}”`).count()) === 1);
  });

  test("background tasks are switched and prompted", async () => {
    const page = await settings("tasks");
    await page.getByLabel("Tags", { exact: true }).uncheck();
    await field(page, "For titles").fill("Name this chat.");
    await button(page, "Save").click();
    await shown(page, "Saved.").waitFor();
    await page.reload();
    await eventually(
      "it is read",
      async () => (await field(page, "For titles").inputValue()) === "Name this chat.",
    );
    expect(await page.getByLabel("Tags", { exact: true }).isChecked()).toBe(false);
  });

  test("who comes in is decided, and a banner stands above the pages until it is dismissed", async () => {
    const page = await settings("general");
    await field(page, "A session lasts").fill("for ever");
    await button(page, "Save").click();
    await page.getByRole("alert").filter({ hasText: "for ever" }).waitFor();
    stage.troubles.splice(0);
    await field(page, "A session lasts").fill("2w");
    await button(page, "Save").click();
    await shown(page, "Saved.").waitFor();
    await button(page, "New banner").click();
    await field(page, "Text").fill("We move on Friday.");
    await agree(page, "Save");
    await page.getByRole("note").filter({ hasText: "We move on Friday." }).waitFor();
    await page.reload();
    await eventually("it is kept", async () => (await field(page, "A session lasts").inputValue()) === "2w");
    await page.getByRole("note").getByRole("button", { name: "Dismiss" }).click();
    await page.reload();
    await field(page, "A session lasts").waitFor();
    expect(await page.getByRole("note").count()).toBe(0);
  });
});
