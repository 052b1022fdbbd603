import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { eventually } from "../support/eventually.ts";
import { watchTroubles } from "./troubles.ts";

/** A message as the web UI shows it. */
export interface ShownMessage {
  id: string;
  /** As a person reads it, without the names, times and buttons around it. */
  text: string;
}

export interface ChatTabOptions {
  context: BrowserContext;
  baseUrl: string;
  /** Where its screenshots go, and how their names begin. */
  pictures: { folder: string; prefix: string };
}

const READY_TIMEOUT_MS = 30_000;
const QUIET_TIMEOUT_MS = 3_000;
const MESSAGES = '#messages-container [id^="message-"]:has(.chat-user, .chat-assistant)';
/** What is read in each of them: the question's bubble, the answer's text, or all of an answer that has none. */
const TEXTS = [
  "#messages-container .chat-user .rounded-3xl",
  "#messages-container #response-content-container",
  "#messages-container .chat-assistant:not(:has(#response-content-container))",
].join();
const SIDEBAR_CHAT = '#sidebar a[href^="/c/"]';

/** One tab of Open WebUI's own web UI, used as a person does. All versions from 0.6.15 to 0.12.4 have what it needs. */
export class ChatTab {
  readonly page: Page;
  /** What went wrong in the page until now: console errors, exceptions, failed requests. Ids read `<id>`. */
  readonly troubles: readonly string[];
  readonly #options: ChatTabOptions;

  private constructor(page: Page, options: ChatTabOptions) {
    this.page = page;
    this.#options = options;
    this.troubles = watchTroubles(page, options.baseUrl);
  }

  /** Opens a path and resolves when something can be typed. */
  static async open(options: ChatTabOptions, path: string): Promise<ChatTab> {
    const tab = new ChatTab(await options.context.newPage(), options);
    await tab.page.goto(`${options.baseUrl}${path}`);
    await tab.#becomeReady();
    return tab;
  }

  /** Closes what greets a new user with the version's news; nobody is greeted twice. */
  async closeGreeting(): Promise<void> {
    const button = this.page.getByRole("button", { name: /let's go/i }).first();
    await button.click({ timeout: READY_TIMEOUT_MS });
    await button.waitFor({ state: "hidden" });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.#becomeReady();
  }

  close(): Promise<void> {
    return this.page.close();
  }

  /** The id of the chat that stands in the address; null on the page of a new chat. */
  chatId(): string | null {
    return /\/c\/([^/?#]+)/.exec(this.page.url())?.[1] ?? null;
  }

  /** All messages that are shown, from the top. */
  async messages(): Promise<ShownMessage[]> {
    const ids = await this.page
      .locator(MESSAGES)
      .evaluateAll((elements) => elements.map(({ id }) => id.slice("message-".length)));
    const texts = await this.texts();
    return ids.map((id, index) => ({ id, text: texts[index] ?? "" }));
  }

  /** Their texts alone. */
  async texts(): Promise<string[]> {
    return (await this.page.locator(TEXTS).allInnerTexts()).map((text) => text.trim());
  }

  /** Everything that a person reads in the page. */
  async everything(): Promise<string> {
    return (await this.page.locator("body").allInnerTexts()).join("\n");
  }

  /** Resolves when exactly these texts are shown, questions and answers; rejects with what is shown instead. */
  async expectTexts(texts: readonly string[], timeoutMs = 15_000): Promise<void> {
    let shown: string[] = [];
    const wanted = texts.map((text) => text.trim());
    await eventually(
      "the texts",
      async () => {
        shown = await this.texts();
        // Newer versions leave out what stands above until somebody scrolls there.
        if (shown.length < wanted.length) await this.#scroll("top");
        return JSON.stringify(shown) === JSON.stringify(wanted);
      },
      timeoutMs,
    ).catch(() => {
      throw new Error(`The tab shows ${JSON.stringify(shown)} instead of ${JSON.stringify(wanted)}.`);
    });
    await this.#scroll("bottom");
  }

  /** Resolves when the conversation shows a text; with the time of it by `Date.now()`. */
  async seen(text: string, timeoutMs = 15_000): Promise<number> {
    const body = await this.page.locator("body").elementHandle();
    const found = await this.page.waitForFunction(
      ([page, wanted]) =>
        page?.querySelector("#messages-container")?.textContent?.includes(wanted) ? Date.now() : 0,
      [body, text] as const,
      { polling: "raf", timeout: timeoutMs },
    );
    return found.jsonValue();
  }

  /** Resolves when the last answer is over for the web UI: it offers to make it once more. */
  async expectIdle(): Promise<void> {
    await this.#lastAnswer()
      .getByRole("button", { name: "Regenerate" })
      .first()
      .waitFor({ state: "attached" });
  }

  /** Resolves when the page asks for nothing more, or after some seconds: one that never rests can be used all the same. */
  async rest(): Promise<void> {
    await this.page.waitForLoadState("networkidle", { timeout: QUIET_TIMEOUT_MS }).catch(() => {
      // It goes on asking.
    });
  }

  /** Types a question and sends it. */
  async ask(text: string): Promise<void> {
    // What is sent before the page has read everything, 0.9.6 throws away.
    await this.rest();
    await this.page.locator("#chat-input").click();
    await this.page.keyboard.type(text);
    await this.page.keyboard.press("Enter");
  }

  /** Types a question and leaves it there. */
  async draft(text: string): Promise<void> {
    await this.page.locator("#chat-input").click();
    await this.page.keyboard.type(text);
  }

  /** What stands in the input, unsent. */
  async drafted(): Promise<string> {
    return (await this.page.locator("#chat-input").allInnerTexts()).join().trim();
  }

  /** Has the last answer made once more. */
  async regenerate(): Promise<void> {
    const answer = this.#lastAnswer();
    await answer.hover();
    await answer.getByRole("button", { name: "Regenerate" }).last().click();
    const again = this.page.getByRole("menuitem", { name: "Try Again" }).or(this.page.getByText("Try Again"));
    await again
      .first()
      .click({ timeout: 1_500 })
      .catch(() => {
        // Older versions have no menu: the button itself does it.
      });
  }

  /** Which of how many siblings the last answer says it is, such as `2/2`; null where it names none. */
  async siblingsOfLast(): Promise<string | null> {
    const text = (await this.#lastAnswer().allInnerTexts()).join();
    return /(?:^|\s)(\d+)\s*\/\s*(\d+)(?:\s|$)/.exec(text)?.slice(1, 3).join("/") ?? null;
  }

  /** Shows the sibling before the last answer. */
  async showSiblingBefore(): Promise<void> {
    const answer = this.#lastAnswer();
    await answer.hover();
    const count = answer.getByText(/^\s*\d+\s*\/\s*\d+\s*$/).last();
    await count.locator("xpath=preceding::button[1]").click();
  }

  /** Titles in the sidebar by chat id. */
  async sidebar(): Promise<Record<string, string>> {
    const rows = await this.page.locator(SIDEBAR_CHAT).evaluateAll((links) =>
      links.map((link) => {
        const title = link.querySelector("[dir=auto]") ?? link;
        return [link.getAttribute("href")?.slice("/c/".length) ?? "", title.textContent?.trim() ?? ""];
      }),
    );
    return Object.fromEntries(rows);
  }

  /** Opens the chat's menu, where its tags stand. */
  async openChatMenu(): Promise<void> {
    await this.page.locator("#chat-context-menu-button").last().click();
  }

  /** Keeps a picture of the tab, named after the version and the step. */
  async picture(step: string): Promise<void> {
    const { folder, prefix } = this.#options.pictures;
    await this.page.screenshot({ path: join(folder, `${prefix}-${step}.png`) });
  }

  #scroll(to: "top" | "bottom"): Promise<void> {
    return this.page.locator("#messages-container").evaluate((container, end) => {
      container.scrollTop = end === "top" ? 0 : container.scrollHeight;
    }, to);
  }

  #lastAnswer(): Locator {
    return this.page.locator(`${MESSAGES}:has(.chat-assistant)`).last();
  }

  #becomeReady(): Promise<void> {
    return this.page.locator("#chat-input").waitFor({ timeout: READY_TIMEOUT_MS });
  }
}
