import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { startServer } from "../src/server/index.ts";
import { askedChat, chatOf, newChat, placeholder, trigger, userMessage } from "../test/support/chat.ts";
import { openUiStage, type UiStage } from "../test/ui/ui-stage.ts";

/*
 * Takes pictures of the web UI's main states, in light and dark, at the widths of a phone, a tablet and a screen:
 * `node scripts/ui-screenshots.ts --out DIR`. Two of those at 1280 are the README's.
 */

const WIDTHS = [390, 1024, 1280, 1920];
const { values } = parseArgs({ options: { out: { type: "string", default: "screenshots" } } });
const out = values.out;

const CODE = [
  "```ts",
  'import { createOffstage } from "offstage";',
  "",
  "const offstage = createOffstage({ baseUrl: process.env.URL, token: process.env.TOKEN });",
  'const answer = await offstage.ask({ model: "gpt-4o", content: "When does the ferry leave?" }).answer();',
  "console.log(answer.text, answer.sources);",
  "```",
].join("\n");
const TABLE = [
  "| harbour | first ferry | last ferry | crossing |",
  "| --- | ---: | ---: | ---: |",
  "| North pier | 06:20 | 22:10 | 35 min |",
  "| Old town | 07:05 | 21:40 | 50 min |",
  "| Lighthouse | 09:40 | 18:00 | 1 h 10 min |",
].join("\n");
const LONG = `Three harbours have a ferry on weekdays [1]. Book the **Lighthouse** crossing a day ahead.\n\n${TABLE}\n\nThe same by program:\n\n${CODE}\n\nOn Sundays the last two do not sail [2].`;
const GROWING =
  "There are three ways to the lighthouse.\n\n1. **By ferry** from the north pier: it leaves at 09:40 and takes an hour and ten minutes.\n2. **By road** along the coast, which is closed at high tide.\n3. **On foot**, at low tide only, with a guide.\n\nUp there one sees the whole bay, the old town behind it, and on clear days the islands. The stairs have 217 steps; half-way there is a room with the keepers' logs. At the top stands the lamp itself, with a lens as high as a door, and whoever comes at dusk sees it lit. The keeper's garden below is open as well, and has the only café on this side of the bay.";
const DAY_SEC = 24 * 3600;
/** Titles of the list, and how many days ago each was changed. */
const LIST: [string, number][] = [
  ["Timetable of the summer", 0],
  ["Tickets for a school class", 0.01],
  ["Why the bell rings at noon", 0.02],
  ["A letter to the harbour office", 1],
  ["Tides in October", 1.1],
  ["Names of the seven islands", 3],
  ["Birds of the north shore", 5],
  ["How a Fresnel lens is made", 12],
];
const SOURCES = [
  {
    source: { name: "Timetables" },
    document: [
      "The ferry to the lighthouse leaves at 09:40 every weekday from the north pier. Tickets are sold on board.",
      "On Sundays and public holidays there is no crossing from the old town.",
    ],
    metadata: [
      { name: "timetable.pdf", page: 3, headings: ["Summer", "Weekdays"] },
      { name: "timetable.pdf", page: 4, headings: ["Summer", "Sundays"] },
    ],
  },
];

const answered = (content: string, more: Record<string, unknown> = {}) =>
  placeholder("a", "u", { content, done: true, ...more });
const chat = (title: string, question: string, answers: ReturnType<typeof answered>[]) =>
  chatOf(
    [
      userMessage("u", question, {
        childrenIds: answers.map(({ id }) => id),
        models: answers.map(({ model }) => model),
      }),
      ...answers,
    ],
    {
      title,
    },
  );

/** Opens the list of chats where it lies over the page. */
async function openList(page: Page): Promise<void> {
  const opener = page.getByRole("button", { name: "Show the chats" });
  if (await opener.isVisible()) await opener.click();
  await page.getByRole("navigation", { name: "Chats" }).waitFor();
}

/** The states, each shown in an open page. */
const STATES: Record<string, (page: Page, stage: UiStage) => Promise<void>> = {
  empty: async (page, stage) => {
    await page.goto(stage.url);
    await page.getByText("What shall be said?").waitFor();
  },
  "long-code-and-table": async (page, stage) => {
    const usage = { prompt_tokens: 412, completion_tokens: 186 };
    const { id } = await newChat(
      stage.owner,
      chat(
        "Ferries on weekdays",
        "Which ferries are there on weekdays, and how do I ask for them by program?",
        [
          answered(LONG, {
            sources: SOURCES,
            usage,
            followUps: ["What does a ticket cost?", "Is there a night ferry?"],
          }),
        ],
      ),
    );
    await page.goto(`${stage.url}/c/${id}`);
    await page.locator(".hljs-keyword, .code").first().waitFor();
  },
  sources: async (page, stage) => {
    await STATES["long-code-and-table"]!(page, stage);
    await page.locator("[data-cite]").first().click();
    await page.getByRole("dialog").waitFor();
  },
  "two-models": async (page, stage) => {
    const { id } = await newChat(
      stage.owner,
      chat("Two opinions", "Is it worth a visit in May?", [
        answered("Yes: the lighthouse opens on the first of May, and the **ferries are empty**.", {
          modelIdx: 0,
        }),
        placeholder("b", "u", {
          content: "May is fine, but the old town's ferry does not sail on Sundays.",
          done: true,
          model: "gpt-4o-mini",
          modelIdx: 1,
        }),
      ]),
    );
    await page.goto(`${stage.url}/c/${id}`);
    await page.getByText("May is fine").waitFor();
  },
  error: async (page, stage) => {
    const { id } = await newChat(
      stage.owner,
      chat("A refusal", "What does a ticket cost?", [
        answered("", { error: { content: "429: The provider is over its limit. Try again in a minute." } }),
      ]),
    );
    await page.goto(`${stage.url}/c/${id}`);
    await page.getByRole("alert").waitFor();
  },
  "chat-list": async (page, stage) => {
    await STATES["two-models"]!(page, stage);
    await openList(page);
    await page.getByRole("link", { name: "Tides in October" }).hover();
  },
  "chat-menu": async (page, stage) => {
    await STATES["two-models"]!(page, stage);
    await page
      .locator("header")
      .getByRole("button", { name: /^More for/ })
      .last()
      .click();
    await page.getByRole("menuitem", { name: "Delete" }).waitFor();
  },
  share: async (page, stage) => {
    await STATES["chat-menu"]!(page, stage);
    await page.getByRole("menuitem", { name: "Share…" }).click();
    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByLabel("Link", { exact: true }).waitFor();
  },
  behind: async (page, stage) => {
    await STATES.streaming!(page, stage);
    await page.getByRole("button", { name: "Behind the stage" }).last().click();
    await page.getByText("The first words came").waitFor();
  },
  settings: async (page, stage) => {
    await page.goto(`${stage.url}/settings/users`);
    await page.getByText("1 user").waitFor();
  },
  quota: async (page, stage) => {
    await STATES.settings!(page, stage);
    await page.getByRole("button", { name: /^Quota of/ }).click();
    await page.getByText("Today (UTC)").waitFor();
  },
  streaming: async (page, stage) => {
    const asked = await askedChat(
      stage.owner,
      "How does one get to the lighthouse, and what is there to see?",
      {
        title: "The way to the lighthouse",
      },
    );
    await page.goto(`${stage.url}/c/${asked.chatId}`);
    await page.getByText("How does one get").first().waitFor();
    await trigger(stage.owner, asked, {
      messages: [{ role: "user", content: `[[delay=60]] [[json=${GROWING}]]` }],
    });
    await page.locator(".prose").getByText("217 steps").waitFor();
  },
};

/** Leaves the owner with these chats only, some days old each. */
async function tidy({ owner }: UiStage): Promise<void> {
  await owner.delete("/api/v1/chats/");
  const nowSec = Math.floor(Date.now() / 1000);
  const chats = LIST.map(([title, days], index) => ({
    chat: chatOf([userMessage("u", title)], { title }),
    pinned: index === 0,
    created_at: nowSec - days * DAY_SEC,
    updated_at: nowSec - days * DAY_SEC,
  }));
  await owner.post("/api/v1/chats/import", { chats });
}

/** The page that makes the administrator, on a server that nobody has claimed. */
async function showFirstStart(
  stage: UiStage,
  take: (page: Page) => Promise<unknown>,
  looks: { viewport: { width: number; height: number }; colorScheme: "light" | "dark" },
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "offstage-first-"));
  const server = await startServer({
    dataDir,
    host: "127.0.0.1",
    port: 0,
    local: false,
    log: "silent",
    ui: true,
  });
  const window = await stage.openWindow({ email: null, ...looks });
  const page = await window.newPage();
  await page.goto(server.url);
  await page.getByLabel("E-mail").waitFor();
  await take(page);
  await window.close();
  await server.close();
  await rm(dataDir, { recursive: true });
}

await mkdir(out, { recursive: true });
const stage = await openUiStage({ provider: { delayMs: 15, models: ["gpt-4o", "gpt-4o-mini"] } });
try {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of WIDTHS) {
      const viewport = { width, height: width < 600 ? 844 : 1000 };
      const picture = (state: string) => ({ path: join(out, `${state}-${colorScheme}-${width}.png`) });
      const looks = { viewport, colorScheme };
      await showFirstStart(stage, (page) => page.screenshot(picture("first-start")), looks);
      const stranger = await stage.openWindow({ email: null, ...looks });
      const signIn = await stranger.newPage();
      await signIn.goto(stage.url);
      await signIn.getByLabel("E-mail").waitFor();
      await signIn.screenshot(picture("sign-in"));
      await stranger.close();
      for (const [state, show] of Object.entries(STATES)) {
        await tidy(stage);
        const page = await stage.openTab("/", looks);
        await show(page, stage);
        await page.waitForTimeout(300);
        await page.screenshot(picture(state));
        await page.context().close();
      }
    }
  }
} finally {
  await stage.close();
}
