import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createOffstage } from "../../src/index.ts";
import { MODEL, STALLED, stalled, stopChat } from "../support/chat.ts";
import { eventually } from "../support/eventually.ts";
import { createCaller } from "../support/http.ts";
import { axeFindings } from "./axe-findings.ts";
import { ask, lastAnswer, missingBrowser, openUiStage, type UiStage } from "./ui-stage.ts";

const missing = missingBrowser();
const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
const QUESTION = 'It\'s "quoted" $HOME\nand goes on';

/** Runs what was copied, with a real token and with offstage as it stands here. */
async function runCopied(form: string, copied: string, token: string, folder: string): Promise<string> {
  const program = copied.replaceAll("YOUR_TOKEN", token);
  if (form === "TypeScript") {
    const file = join(folder, "program.ts");
    await writeFile(file, program.replace('"offstage"', JSON.stringify(join(root, "src/index.ts"))));
    return (await run(process.execPath, [file])).stdout;
  }
  const launcher = `offstage() { '${process.execPath}' '${join(root, "bin/offstage.js")}' "$@"; }`;
  return (await run("bash", ["-c", `${launcher}\n${program}`])).stdout;
}

const drawerOf = (page: Page) => page.getByRole("dialog", { name: "Behind the stage" });
const opener = (page: Page) =>
  page.locator("article").last().getByRole("button", { name: "Behind the stage" });

describe.skipIf(missing !== null)("behind the stage", () => {
  let stage: UiStage;
  let folder: string;

  beforeAll(async () => {
    stage = await openUiStage();
  });
  afterAll(() => stage?.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "offstage-behind-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("an answer's steps are seen while it is made, and to their end without reading again", async () => {
    const page = await stage.openTab();
    await ask(page, STALLED);
    await stalled(stage.provider);
    await opener(page).first().click();
    const drawer = drawerOf(page);
    await drawer.getByText("The first words came").waitFor();
    expect(await drawer.getByText("The whole answer was stored").count()).toBe(0);
    await stopChat(stage.owner, page.url().split("/").at(-1)!);
    await drawer.getByText("The whole answer was stored").waitFor();
    await drawer.getByText("status 200").first().waitFor();
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test("a run is named at its question, and its steps and exchanges are told", async () => {
    const offstage = createOffstage({ baseUrl: stage.url, token: stage.owner.token });
    const turn = offstage.ask({ model: MODEL, content: "From a backend" });
    const { chatId } = await turn.answer();
    await offstage.close();
    const runId = turn.ids.userMessageId;
    const page = await stage.openTab(`/c/${chatId}`);
    await page.getByText(`by a run of offstage ${runId.slice(0, 8)}`).waitFor();
    await opener(page).last().press("Enter");
    const drawer = drawerOf(page);
    await drawer.getByText(runId).waitFor();
    await drawer.getByText("The chat was created").waitFor();
    await drawer.locator(".exchange summary").first().click();
    await drawer.getByText('"From a backend"').first().waitFor();
    expect(await drawer.textContent()).not.toContain("provider-key");
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    expect(
      await opener(page)
        .last()
        .evaluate((button) => button === document.activeElement),
    ).toBe(true);
    expect(stage.troubles.splice(0)).toEqual([]);
  });

  test.each(["curl", "TypeScript", "offstage ask"])(
    "the same call by %s asks the same again",
    async (form) => {
      const window = await stage.openWindow();
      await window.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await window.newPage();
      await page.goto(stage.url);
      await ask(page, "Before");
      await lastAnswer(page).filter({ hasText: "You said: Before" }).waitFor();
      await ask(page, QUESTION);
      await eventually("both answers", async () => (await page.locator("article .prose").count()) === 2);
      await lastAnswer(page).filter({ hasText: "and goes on" }).waitFor();
      await opener(page).last().click();
      const drawer = drawerOf(page);
      await drawer.getByRole("button", { name: form, exact: true }).click();
      await drawer.getByRole("button", { name: `Copy: ${form}` }).click();
      await drawer.getByText("Copied").waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      await runCopied(form, copied, stage.owner.token, folder);
      const chatId = page.url().split("/").at(-1)!;
      const { chat } = (await createCaller(stage.url, stage.owner.token).get(`/api/v1/chats/${chatId}`)).body;
      const asked = Object.values<{ role: string; content: string }>(chat.history.messages).filter(
        ({ role, content }) => role === "user" && content === QUESTION,
      );
      expect(asked).toHaveLength(2);
      expect(stage.troubles.splice(0)).toEqual([]);
    },
  );

  test("what cannot be read says why, and is read when asked again", async () => {
    const page = await stage.openTab();
    await ask(page, "Hello");
    await lastAnswer(page).filter({ hasText: "You said: Hello" }).waitFor();
    await page.route("**/exchanges", (route) => route.abort());
    await opener(page).last().click();
    const drawer = drawerOf(page);
    await drawer.getByRole("alert").waitFor();
    await page.unroute("**/exchanges");
    await drawer.getByRole("button", { name: "Try again" }).click();
    await drawer.getByText("The whole answer was stored").waitFor();
    stage.troubles.splice(0);
  });
});
