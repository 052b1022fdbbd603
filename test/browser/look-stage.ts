import type { Browser, BrowserContext } from "playwright-core";
import type { RealStage } from "../real/stage.ts";
import { ChatTab } from "./chat-tab.ts";
import { openChromium } from "./chromium.ts";

/** A real server, our flow against it, and a browser that its first user is signed in to. */
export interface LookStage extends RealStage {
  /** The browser's part that the first user is signed in to. */
  context: BrowserContext;
  openTab(path: string): Promise<ChatTab>;
  /** Closes every tab; with a name, a picture of each is kept first. */
  closeTabs(picture?: string): Promise<void>;
  /** What goes wrong in this web UI even where a person typed everything; it proves nothing against the flow. */
  readonly usualTroubles: Set<string>;
}

export interface LookOptions {
  stage: RealStage;
  baseUrl: string;
  token: string;
  pictures: { folder: string; prefix: string };
}

/** Puts a browser before a stage, as a user who was never there; closing it closes both, and so does a failure. */
export async function openLookStage({ stage, baseUrl, token, pictures }: LookOptions): Promise<LookStage> {
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await stage.close();
  };
  try {
    browser = await openChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addInitScript((jwt) => {
      localStorage.setItem("token", jwt);
      localStorage.setItem("sidebar", "true");
    }, token);
    const first = await ChatTab.open({ context, baseUrl, pictures }, "/");
    await first.closeGreeting();
    await first.close();
    let tabs: ChatTab[] = [];
    return {
      ...stage,
      context,
      usualTroubles: new Set(),
      async openTab(path) {
        const tab = await ChatTab.open({ context, baseUrl, pictures }, path);
        tabs.push(tab);
        return tab;
      },
      async closeTabs(picture) {
        for (const [index, tab] of tabs.entries()) {
          if (picture !== undefined) await tab.picture(`${picture}-${index + 1}`);
          await tab.close();
        }
        tabs = [];
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
