import { deepEqual, equal, match } from "node:assert/strict";
import type { Page } from "playwright-core";
import { completionsOf, expectedAnswer, MODEL } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import { confirm, listedModels } from "./own-server.ts";

const PROMPT = "Answer as a pirate.";

async function chooseBase(page: Page): Promise<void> {
  const list = page.locator("select:has(option)").filter({ hasText: "Select a base model" });
  const button = page.locator("#model-selector-workspace-base-model-button");
  await list.or(button).first().waitFor();
  if ((await button.count()) === 0) await list.selectOption(MODEL);
  else {
    await button.click();
    await page.locator(`[data-value="${MODEL}"]`).first().click();
  }
}

/** Chooses from the menu of a workspace model. */
async function choose(page: Page, id: string, item: string): Promise<void> {
  const newer = page.locator(`#model-item-${id}`).getByRole("button", { name: /^More/ });
  await newer
    .or(page.locator(`a[href="/workspace/models/edit?id=${id}"] + *`))
    .last()
    .click();
  await page
    .getByRole("menuitem", { name: item, exact: true })
    .or(page.getByRole("button", { name: item, exact: true }))
    .last()
    .click();
}

/** What people do with models of their own. */
export const PAGE_MODEL_LOOKS: Readonly<Record<string, Look>> = {
  async "a model of one's own is made, asked, renamed, switched off and deleted"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    await page.goto(`${stage.baseUrl}/workspace/models/create`);
    await page.getByPlaceholder("Model Name").fill("Pirate");
    await chooseBase(page);
    await page.getByPlaceholder(/^Write your model system prompt/).fill(PROMPT);
    await page.getByRole("button", { name: "Save & Create" }).click();
    await page.waitForURL(/\/workspace\/models$/);
    await page.locator('a[href="/workspace/models/edit?id=pirate"]').first().waitFor();
    await tab.picture("13-models");

    await page.goto(`${stage.baseUrl}/?models=pirate`);
    await tab.ask("ahoy");
    await tab.expectTexts(["ahoy", expectedAnswer("ahoy", 2)]);
    await tab.expectIdle();
    const sent = completionsOf(stage.provider).at(-1)?.body;
    deepEqual(sent?.messages[0], { role: "system", content: PROMPT });
    equal(sent?.model, MODEL);
    match(await tab.everything(), /Pirate/);
    await tab.picture("13-asked");

    await page.goto(`${stage.baseUrl}/workspace/models/edit?id=pirate`);
    const name = page.getByPlaceholder("Model Name");
    await eventually("the name", async () => (await name.inputValue()) === "Pirate");
    await name.fill("Buccaneer");
    await page.getByRole("button", { name: "Save & Update" }).click();
    await page.waitForURL(/\/workspace\/models$/);
    await page.getByText("Buccaneer").first().waitFor();

    await page.getByRole("switch").last().click();
    await eventually("the model switched off", async () => !(await listedModels(stage)).includes("pirate"));
    await page.goto(`${stage.baseUrl}/workspace/models`);
    await page.getByText("Buccaneer").first().waitFor();
    await choose(page, "pirate", "Delete");
    await confirm(page);
    await page.getByText("Buccaneer").first().waitFor({ state: "hidden" });
    await expectSound(stage, tab);
  },
};
