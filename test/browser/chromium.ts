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

/** The Chromium of this machine: `OFFSTAGE_CHROMIUM`, else where Debian puts it. */
export const CHROMIUM_PATH = process.env.OFFSTAGE_CHROMIUM ?? "/usr/bin/chromium";

/** Starts the Chromium of this machine, which calls nobody by itself. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM_PATH, args: FLAGS });
}
