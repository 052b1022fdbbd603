/**
 * `node scripts/real/time-pages.ts [--rounds N] [VERSION…]`: how long a version's web UI takes on its own server and on
 * ours, in turns, each after a first round that does not count: from the click on "Sign in" to a page that can be typed
 * in, and from the address of a chat of 200 messages to its last message. Prints medians in milliseconds.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, BrowserContext } from "playwright-core";
import type { LookStage } from "../../test/browser/look-stage.ts";
import { openVersion } from "./open-version.ts";

const DEFAULT_VERSIONS = ["0.6.15", "0.12.4"];
const MESSAGES = 200;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values, positionals: named } = parseArgs({
  options: { rounds: { type: "string", default: "7" } },
  allowPositionals: true,
});
const out = await mkdtemp(join(tmpdir(), "offstage-time-"));
for (const version of named.length > 0 ? named : DEFAULT_VERSIONS) await timeVersion(version);

interface Side {
  stage: LookStage;
  chatId: string;
  /** A browser that has been here before, as people's have. */
  context: BrowserContext;
  signInMs: number[];
  openChatMs: number[];
}

async function timeVersion(version: string): Promise<void> {
  const stages = await Promise.all([false, true].map((own) => openVersion({ version, own, out })));
  try {
    const sides = await Promise.all(stages.map(prepare));
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const side of round % 2 ? sides : sides.toReversed()) {
        const signInMs = await signIn(side);
        const openChatMs = await openChat(side);
        if (round === 0) continue;
        side.signInMs.push(signInMs);
        side.openChatMs.push(openChatMs);
      }
    }
    const [real, own] = sides.map((side) => [median(side.signInMs), median(side.openChatMs)] as const);
    console.log(
      `${version}: sign-in to a usable page: offstage ${own![0]} ms, the real server ${real![0]} ms`,
    );
    console.log(
      `${version}: a chat of ${MESSAGES} messages: offstage ${own![1]} ms, the real server ${real![1]} ms`,
    );
  } finally {
    await Promise.all(stages.map((stage) => stage.close()));
  }
}

async function prepare(stage: LookStage): Promise<Side> {
  const reply = await fetch(`${stage.baseUrl}/api/v1/chats/new`, {
    method: "POST",
    headers: { authorization: `Bearer ${stage.token}`, "content-type": "application/json" },
    body: JSON.stringify({ chat: longChat() }),
  });
  const { id } = (await reply.json()) as { id: string };
  const context = await (stage.context.browser() as Browser).newContext({
    viewport: { width: 1280, height: 900 },
  });
  return { stage, chatId: id, context, signInMs: [], openChatMs: [] };
}

async function signIn({ stage, context }: Side): Promise<number> {
  await context.clearCookies();
  const page = await context.newPage();
  await page.goto(`${stage.baseUrl}/auth`);
  await page.evaluate(() => localStorage.removeItem("token"));
  await page.reload();
  await page.getByPlaceholder("Enter Your Email").fill("owner@example.org");
  await page.getByPlaceholder("Enter Your Password").fill("correct horse battery");
  const startedAtMs = performance.now();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator("#chat-input").waitFor();
  const tookMs = performance.now() - startedAtMs;
  await page.close();
  return tookMs;
}

async function openChat({ stage, context, chatId }: Side): Promise<number> {
  const page = await context.newPage();
  const startedAtMs = performance.now();
  await page.goto(`${stage.baseUrl}/c/${chatId}`, { waitUntil: "commit" });
  await page
    .getByText(`The end of answer ${MESSAGES - 1}.`)
    .first()
    .waitFor();
  const tookMs = performance.now() - startedAtMs;
  await page.close();
  return tookMs;
}

function longChat() {
  const ids = Array.from({ length: MESSAGES }, () => crypto.randomUUID());
  const messages = ids.map((id, index) => ({
    id,
    parentId: ids[index - 1] ?? null,
    childrenIds: ids[index + 1] === undefined ? [] : [ids[index + 1]],
    timestamp: 1_720_000_000 + index,
    ...(index % 2 === 0
      ? { role: "user", content: `Question ${index}?`, models: ["gpt-4o"] }
      : {
          role: "assistant",
          content: `## Answer ${index}\n\n${"Words of *an answer*. ".repeat(30)}\n\nThe end of answer ${index}.`,
          model: "gpt-4o",
          modelName: "gpt-4o",
          modelIdx: 0,
          done: true,
        }),
  }));
  const byId = Object.fromEntries(messages.map((message) => [message.id, message]));
  return { title: "Long", models: ["gpt-4o"], messages, history: { messages: byId, currentId: ids.at(-1) } };
}

function median(numbers: readonly number[]): number {
  return Math.round(numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN);
}
