import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { STALLED, stopChat } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { axeFindings } from "./axe-findings.ts";
import { PHONE, sidewaysScrolls, smallTargets, watchShifts } from "./fitting.ts";
import { ask, composer, lastAnswer, missingBrowser, openUiStage, type UiStage } from "./ui-stage.ts";

const missing = missingBrowser();

describe.skipIf(missing !== null)("the web UI fits", () => {
  let stage: UiStage;

  beforeAll(async () => {
    stage = await openUiStage();
  });
  afterAll(() => stage?.close());
  afterEach(async () => {
    await stage.closeWindows();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("on a phone a conversation is not cut off, and what is touched is large enough", async () => {
    const page = await stage.openTab("/", PHONE);
    await composer(page).fill("On a phone");
    await page.getByRole("button", { name: "Ask", exact: true }).tap();
    await lastAnswer(page).filter({ hasText: "You said: On a phone" }).waitFor();
    expect(await sidewaysScrolls(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole("button", { name: "Show the chats" }).tap();
    await page.getByRole("navigation", { name: "Chats" }).waitFor();
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole("button", { name: "Hide the chats" }).first().tap();
  });

  test.each(["light", "dark"] as const)(
    "behind the stage is read on a phone, in %s: nothing is cut off, small or hidden from anybody",
    async (colorScheme) => {
      const page = await stage.openTab("/", { ...PHONE, colorScheme });
      await composer(page).fill("On a phone");
      await page.getByRole("button", { name: "Ask", exact: true }).tap();
      await lastAnswer(page).filter({ hasText: "You said: On a phone" }).waitFor();
      await page.locator("article").getByRole("button", { name: "Behind the stage" }).last().tap();
      const drawer = page.getByRole("dialog", { name: "Behind the stage" });
      await drawer.getByText("The whole answer was stored").waitFor();
      const folded = drawer.locator("details:not([open]) > summary:visible");
      while ((await folded.count()) > 0) await folded.first().tap();
      expect(await sidewaysScrolls(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(await axeFindings(page)).toEqual([]);
    },
  );

  test.each([390, 1280])("settings of %i px stand still while they are read", async (width) => {
    const page = await stage.openTab("/settings", { viewport: { width, height: 860 } });
    const links = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
    await links.first().waitFor();
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
    const shifted = await watchShifts(page);
    const restless: string[] = [];
    for (const path of paths) {
      await page.goto(stage.url + path);
      await page.getByRole("main").waitFor();
      await page.getByText("Reading…").first().waitFor({ state: "detached" });
      await page.evaluate(() => new Promise(requestAnimationFrame));
      const value = await shifted();
      if (value >= 0.05) restless.push(`${path}: ${value.toFixed(3)}`);
    }
    expect(restless).toEqual([]);
  });

  test("nothing moves by itself for whoever wants that", async () => {
    const moving = (page: Page) => page.evaluate(() => document.getAnimations().length);
    for (const reducedMotion of ["no-preference", "reduce"] as const) {
      const page = await stage.openTab("/", { reducedMotion });
      await ask(page, STALLED);
      await page.getByRole("img", { name: "answering now" }).waitFor();
      await eventually(
        "it moves or not",
        async () => (await moving(page)) > 0 === (reducedMotion !== "reduce"),
      );
      await stopChat(stage.owner, page.url().split("/").at(-1)!);
    }
  });

  test("by the keyboard one comes to the settings, to one's account, and out of the session", async () => {
    const page = await stage.openTab("/");
    await composer(page).waitFor();
    await page.keyboard.press("Control+,");
    await page.getByRole("navigation", { name: "Settings" }).waitFor();
    await page.getByRole("button", { name: /^Account of/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Account" }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Account" }).waitFor();
    await page.getByRole("button", { name: /^Account of/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Account" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByLabel("E-mail").waitFor();
  });
});
