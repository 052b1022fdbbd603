import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { CHROMIUM_PATH, openChromium } from "../browser/chromium.ts";
import { eventually } from "../support/eventually.ts";
import { openStage, PASSWORD, type Stage, type StageOptions } from "../support/server.ts";

const BUILT = join(import.meta.dirname, "../../dist/ui/index.html");

/** Why these tests cannot run on this machine; null where they can. */
export function missingBrowser(): string | null {
  return existsSync(CHROMIUM_PATH)
    ? null
    : `no Chromium at ${CHROMIUM_PATH} (OFFSTAGE_CHROMIUM names another)`;
}

/** A stage whose server shows the web UI, and a browser to look at it with. */
export interface UiStage extends Stage {
  browser: Browser;
  /** A window of its own in which `email` is signed in; by default the owner. Of the stage's browser, unless another is given. */
  openWindow(
    options?: BrowserContextOptions & { email?: string | null; browser?: Browser },
  ): Promise<BrowserContext>;
  /** A tab in a window of its own. */
  openTab(path?: string, options?: Parameters<UiStage["openWindow"]>[0]): Promise<Page>;
  /** Closes the windows that were opened since. */
  closeWindows(): Promise<void>;
  /** What went wrong in any tab so far: errors in the console, exceptions, failed requests. */
  troubles: string[];
}

/** Starts it; the web UI must have been built. */
export async function openUiStage(options: StageOptions = {}): Promise<UiStage> {
  if (!existsSync(BUILT)) throw new Error("The web UI is not built: npm run build:ui");
  const browser = await openChromium();
  const stage = await openStage({ ...options, server: { ui: true, ...options.server } });
  const troubles: string[] = [];
  const windows: BrowserContext[] = [];

  async function openWindow({
    email = "owner@example.org",
    browser: its = browser,
    ...more
  }: Parameters<UiStage["openWindow"]>[0] = {}) {
    const window = await its.newContext({ viewport: { width: 1280, height: 860 }, ...more });
    windows.push(window);
    window.on("page", (page) => watch(page, troubles));
    if (email !== null) await signIn(window, stage.url, email);
    return window;
  }

  return {
    ...stage,
    browser,
    troubles,
    openWindow,
    async openTab(path = "/", more = {}) {
      const page = await (await openWindow(more)).newPage();
      await page.goto(stage.url + path);
      return page;
    },
    async closeWindows() {
      for (const window of windows.splice(0)) await window.close();
    },
    async close() {
      await browser.close();
      await stage.close();
    },
  };
}

/** Gives a window the session's cookie, and the pages' own sign that it has one. */
async function signIn(window: BrowserContext, url: string, email: string): Promise<void> {
  const reply = await window.request.post(`${url}/api/v1/auths/signin`, {
    data: { email, password: PASSWORD },
  });
  if (!reply.ok()) throw new Error(`signing ${email} in: ${reply.status()} ${await reply.text()}`);
  await window.addInitScript(() => {
    // An empty page has no storage.
    if (location.protocol === "http:") localStorage.setItem("offstage.signed-in", "1");
  });
}

function watch(page: Page, troubles: string[]): void {
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`exception: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
  });
}

/** The field for questions, once the page is there. */
export const composer = (page: Page) => page.getByRole("textbox", { name: "Your question" });

export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Chooses from the menu of the chat that is shown. */
export async function chooseFromMenu(page: Page, item: string): Promise<void> {
  await page
    .locator("header")
    .getByRole("button", { name: /^More for/ })
    .last()
    .click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** Puts a question in the open page. */
export async function ask(page: Page, question: string): Promise<void> {
  await composer(page).fill(question);
  const button = page.getByRole("button", { name: "Ask", exact: true });
  await eventually("the question can be put", () => button.isEnabled());
  await composer(page).press("Enter");
}

/** The last answer's text as it is shown now. */
export const lastAnswer = (page: Page) => page.locator("article").last().locator(".prose").last();
