import { type Browser, chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the Chromium of this machine, which calls nobody by itself: `OFFSTAGE_CHROMIUM`, else /usr/bin/chromium. */
export function openChromium(): Promise<Browser> {
  const executablePath = process.env.OFFSTAGE_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: FLAGS });
}
