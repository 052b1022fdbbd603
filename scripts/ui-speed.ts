import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { renderRows } from "../bench/report.ts";
import { median } from "../bench/statistics.ts";
import { openChromium } from "../test/browser/chromium.ts";
import { chatOf, newChat, placeholder, userMessage } from "../test/support/chat.ts";
import { eventually } from "../test/support/eventually.ts";
import { ask, openUiStage, type UiStage } from "../test/ui/ui-stage.ts";

/*
 * Measures how fast the web UI is: `node scripts/ui-speed.ts [--rounds 5]`, after `npm run build:ui`. Each chat is opened by a
 * Chromium that has just been started, with nothing in its cache.
 */

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const ROUNDS = Number(values.rounds);
const STREAMED_TOKENS = 4_000;
const SCROLLED_STEPS = 150;
const LAST_WORDS = "the end of this chat";

/** What a page notes of itself while it is open. */
interface Noted {
  /** Milliseconds after the navigation began; null until the last message has been painted. */
  shownAt: number | null;
  /** Milliseconds; tasks under 50 do not count as long. */
  longestTask: number;
  layoutShift: number;
}
declare global {
  interface Window {
    noted: Noted;
  }
}

/** Runs in the page before its own scripts. */
function note(lastWords: string): void {
  window.noted = { shownAt: null, longestTask: 0, layoutShift: 0 };
  const { noted } = window;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) noted.longestTask = Math.max(noted.longestTask, duration);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries() as (PerformanceEntry & {
      value: number;
      hadRecentInput: boolean;
    })[])
      if (!shift.hadRecentInput) noted.layoutShift += shift.value;
  }).observe({ type: "layout-shift", buffered: true });
  const observer = new MutationObserver(() => {
    const words = document.querySelector("article:last-of-type .prose")?.textContent ?? "";
    if (!words.includes(lastWords)) return;
    observer.disconnect();
    // A task that follows a frame runs when that frame has been handed over.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        noted.shownAt = performance.now();
      };
      port2.postMessage(null);
    });
  });
  observer.observe(document, { childList: true, subtree: true, characterData: true });
}

const ANSWERS = [
  "The ferry to the **lighthouse** leaves at 09:40 from the north pier, and comes back at five. It takes an hour and ten minutes, so that there is time for the museum, too. On Sundays it does not sail.",
  "There are three ways:\n\n1. by ferry from the north pier,\n2. by the road along the coast,\n3. on foot, at low tide only.\n\nThe ferry is the *quickest*.",
  "| harbour | first ferry | last ferry |\n| --- | ---: | ---: |\n| North pier | 06:20 | 22:10 |\n| Old town | 07:05 | 21:40 |\n\nBook a day ahead.",
  '```ts\nconst answer = await offstage.ask({ model: "gpt-4o", content: "When does it leave?" }).answer();\nconsole.log(answer.text);\n```\n\nThat prints the time of the next one.',
];

function longChat(count: number) {
  const messages = Array.from({ length: count }, (_, index) => {
    const id = `m${index}`;
    const parentId = index === 0 ? null : `m${index - 1}`;
    const childrenIds = index === count - 1 ? [] : [`m${index + 1}`];
    if (index % 2 === 0)
      return userMessage(id, `Question ${index / 2}: how does one get to the lighthouse?`, {
        parentId,
        childrenIds,
      });
    const said = ANSWERS[(index >> 1) % ANSWERS.length]!;
    const content = index === count - 1 ? `${said}\n\nThat is ${LAST_WORDS}.` : said;
    return placeholder(id, parentId, { content, childrenIds, done: true });
  });
  return chatOf(messages, { title: `${count} messages` });
}

/** A tab of a browser that has just been started, in which the owner is signed in. */
async function freshTab(stage: UiStage): Promise<Page> {
  const browser = await openChromium();
  const window = await stage.openWindow({ browser });
  await window.addInitScript(note, LAST_WORDS);
  return window.newPage();
}

const noted = (page: Page) => page.evaluate(() => window.noted);

/** Scrolls up from the end and down from the beginning, half a screen a frame; answers the longest task of it. */
async function scrollThrough(page: Page): Promise<number> {
  await page.evaluate(() => {
    window.noted.longestTask = 0;
  });
  await page.locator(".log").evaluate(async (log, steps) => {
    for (const direction of [-1, 1]) {
      log.scrollTop = direction < 0 ? log.scrollHeight : 0;
      for (let step = 0; step < steps; step += 1) {
        log.scrollTop += (direction * log.clientHeight) / 2;
        await new Promise(requestAnimationFrame);
      }
    }
  }, SCROLLED_STEPS);
  return (await noted(page)).longestTask;
}

async function measureOpening(stage: UiStage, count: number): Promise<string[]> {
  const { id } = await newChat(stage.owner, longChat(count));
  const rounds: { shownAt: number; opening: number; scrolling: number; layoutShift: number }[] = [];
  // The first round warms the server up.
  for (let round = -1; round < ROUNDS; round += 1) {
    const page = await freshTab(stage);
    await page.goto(`${stage.url}/c/${id}`);
    const shownAt = await eventually("the last message", async () => (await noted(page)).shownAt, 60_000);
    await eventually(
      "all is drawn",
      async () => (await page.locator("article").count()) === count / 2,
      60_000,
    );
    const { longestTask: opening, layoutShift } = await noted(page);
    const scrolling = await scrollThrough(page);
    if (round >= 0) rounds.push({ shownAt, opening, scrolling, layoutShift });
    await page.context().browser()!.close();
  }
  const row = [`${count} messages`, ms(median(rounds.map(({ shownAt }) => shownAt)))];
  row.push(task(Math.max(...rounds.map(({ opening }) => opening))));
  row.push(task(Math.max(...rounds.map(({ scrolling }) => scrolling))));
  row.push(Math.max(...rounds.map(({ layoutShift }) => layoutShift)).toFixed(3));
  return row;
}

/** Milliseconds of script in each second of a growing answer's first and last quarter. */
async function measureStreaming(stage: UiStage): Promise<string[]> {
  const page = await freshTab(stage);
  await page.goto(stage.url);
  await ask(page, `[[tokens=${STREAMED_TOKENS}]] [[delay=2]] Tell me all`);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const samples: { atSec: number; scriptSec: number; tokens: number }[] = [];
  const prose = page.locator("article").last().locator(".prose");
  const lastToken = new RegExp(/tok(\d+)\s*$/);
  await prose.waitFor();
  for (let tokens = 0; tokens < STREAMED_TOKENS; ) {
    const text = await prose.evaluate((element) => element.textContent!.slice(-40));
    tokens = Number(lastToken.exec(text)?.[1] ?? -1) + 1;
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)!.value;
    samples.push({ atSec: metric("Timestamp"), scriptSec: metric("ScriptDuration"), tokens });
    await page.waitForTimeout(100);
  }
  const share = (from: number, to: number) => {
    const within = samples.filter(
      ({ tokens }) => tokens >= STREAMED_TOKENS * from && tokens <= STREAMED_TOKENS * to,
    );
    const [first, last] = [within[0]!, within.at(-1)!];
    return ((last.scriptSec - first.scriptSec) * 1000) / (last.atSec - first.atSec);
  };
  const { longestTask, layoutShift } = await noted(page);
  await page.context().browser()!.close();
  return [
    `${STREAMED_TOKENS} tokens`,
    ms(share(0, 0.25)),
    ms(share(0.75, 1)),
    task(longestTask),
    layoutShift.toFixed(3),
  ];
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const task = (value: number) => (value === 0 ? "< 50 ms" : ms(value));

const stage = await openUiStage();
try {
  const openings = [await measureOpening(stage, 200), await measureOpening(stage, 2_000)];
  const head = ["opened", "last text shown", "longest task", "on scrolling", "layout shift"];
  process.stdout.write(`${renderRows([head, ...openings])}\n\n`);
  const streamed = await measureStreaming(stage);
  const second = ["streamed", "script/s, first quarter", "last quarter", "longest task", "layout shift"];
  process.stdout.write(`${renderRows([second, streamed])}\n`);
} finally {
  await stage.close();
}
