import { deepEqual, match } from "node:assert/strict";
import { MODEL, OTHER_MODEL } from "../real/stage.ts";
import { eventually } from "../support/eventually.ts";
import { expectSound, type Look } from "./look.ts";
import { get, listedModels, post } from "./own-server.ts";

/** The pages of administrators' settings whose form is saved as it stands; a page that a version has not is passed by. */
const SAVED = [
  "general",
  "connections",
  "evaluations",
  "documents",
  "code-execution",
  "interface",
  "audio",
  "images",
];
const SHOWN = [
  "users/overview",
  "users/groups",
  "settings/web",
  "settings/pipelines",
  "settings/db",
  "functions",
];

/** What administrators, and people in their own settings, do in the web UIs. */
export const OWN_ADMIN_LOOKS: Readonly<Record<string, Look>> = {
  async "administrators' pages are shown, and saved as they stand"(stage) {
    const tab = await stage.openTab("/");
    const before = tab.troubles.length;
    // 0.6.15 shows badges from there.
    await tab.page.route("https://img.shields.io/**", (route) => route.fulfill({ status: 204 }));
    for (const path of SHOWN) {
      await tab.page.goto(`${stage.baseUrl}/admin/${path}`);
      await tab.page.waitForLoadState("networkidle");
    }
    for (const name of SAVED) {
      await tab.page.goto(`${stage.baseUrl}/admin/settings/${name}`);
      const save = tab.page.getByRole("button", { name: "Save", exact: true }).first();
      await save.waitFor();
      await tab.page.waitForLoadState("networkidle");
      await save.click();
      await tab.page.locator("[data-sonner-toast]").first().waitFor();
      match((await tab.page.locator("[data-sonner-toast]").allInnerTexts()).join(), /sav|updated|set to/i);
    }
    await tab.picture("9-admin");
    deepEqual(tab.troubles.slice(before), []);
  },

  async "models are put into another order by the mouse"(stage) {
    const tab = await stage.openTab("/");
    const { page } = tab;
    const order = (await get<{ MODEL_ORDER_LIST: string[] | null }>(stage, "/api/v1/configs/models"))
      .MODEL_ORDER_LIST;
    await page.goto(`${stage.baseUrl}/admin/settings/models`);
    const settings = page.locator('xpath=//input[@placeholder="Search Models"]/preceding::button[1]');
    await page.getByRole("switch").first().waitFor();
    await tab.rest();
    if (await page.getByText("Model Defaults").isVisible()) {
      const handle = page.locator(`#model-item-${MODEL} svg`).first();
      await handle.dragTo(page.locator(`#model-item-${OTHER_MODEL}`));
    } else {
      await settings.click();
      const row = (model: string) =>
        page.locator(`xpath=//*[.="Reorder Models"]/following::*[normalize-space(text())="${model}"][1]`);
      await row(MODEL).waitFor();
      await row(MODEL).locator("xpath=preceding::*[name()='svg'][1]").dragTo(row(OTHER_MODEL));
    }
    await page.getByRole("button", { name: "Save", exact: true }).last().click();
    const wanted = [OTHER_MODEL, MODEL].join();
    await eventually("the order", async () => (await listedModels(stage)).join() === wanted);
    await tab.picture("13-order");
    await tab.rest();
    await post(stage, "/api/v1/configs/models", { MODEL_ORDER_LIST: order });
    await expectSound(stage, tab);
  },

  async "who waits for activation is told whom to ask"(stage) {
    const password = "correct horse battery";
    const added = await post(stage, "/api/v1/auths/add", {
      name: "Waiting",
      email: "waiting@example.org",
      password,
      role: "pending",
    });
    const { token } = JSON.parse(added) as { token: string };
    const { page: own } = await stage.openTab("/");
    const context = await own.context().browser()!.newContext();
    try {
      await context.addInitScript((jwt) => localStorage.setItem("token", jwt), token);
      const page = await context.newPage();
      await page.goto(`${stage.baseUrl}/`);
      await page.getByText("Account Activation Pending").waitFor();
      await page.getByText("owner@example.org").waitFor();
    } finally {
      await context.close();
    }
  },
};
