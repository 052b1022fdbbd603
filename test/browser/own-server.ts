import type { Page } from "playwright-core";
import { expectedAnswer, question } from "../real/stage.ts";
import type { ChatTab } from "./chat-tab.ts";
import type { LookStage } from "./look-stage.ts";
import { watchTroubles } from "./troubles.ts";

/** Of everybody that `asGuest` adds. */
export const GUEST_PASSWORD = "a long password";

/** What the server says of the first user's things. */
export function ask(stage: LookStage, path: string): Promise<{ id: string; title: string; name: string }[]> {
  return get(stage, `/api/v1/${path}`);
}

/** What the server answers the first user at a path. */
export async function get<Answer>(stage: LookStage, path: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${stage.token}` };
  const reply = await fetch(stage.baseUrl + path, { headers });
  return (await reply.json()) as Answer;
}

/** The ids of the models that the first user may ask. */
export async function listedModels(stage: LookStage): Promise<string[]> {
  return (await get<{ data: { id: string }[] }>(stage, "/api/models")).data.map(({ id }) => id);
}

/** Posts as the first user; resolves with the reply's text. */
export async function post(stage: LookStage, path: string, body: unknown): Promise<string> {
  const headers = { authorization: `Bearer ${stage.token}`, "content-type": "application/json" };
  const reply = await fetch(stage.baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
  return reply.text();
}

/** Says yes to what a page asks before it takes something away. */
export function confirm(page: Page): Promise<void> {
  return page
    .getByRole("button", { name: /^(confirm|delete)$/i })
    .last()
    .click();
}

/** Opens a part of the user's settings. */
export async function openSettings(page: Page, part: RegExp, name = "owner"): Promise<void> {
  await page.locator("#sidebar").getByRole("button", { name }).last().click();
  await page.getByText("Settings", { exact: true }).last().click();
  await page.getByRole("tab", { name: part }).first().click();
}

/** A page that somebody else, who was just added, is signed in to; it is closed after `use`. */
export async function asGuest(
  stage: LookStage,
  use: (guest: { page: Page; troubles: readonly string[]; token: string; name: string }) => Promise<void>,
): Promise<void> {
  const name = `guest-${Date.now()}`;
  const account = { name, email: `${name}@example.org`, password: GUEST_PASSWORD, role: "user" };
  const { token } = JSON.parse(await post(stage, "/api/v1/auths/add", account)) as { token: string };
  const context = await stage.context.browser()!.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(20_000);
  try {
    await context.addInitScript((jwt) => {
      if (localStorage.getItem("guest")) return;
      localStorage.setItem("guest", "known");
      localStorage.setItem("token", jwt);
      localStorage.setItem("sidebar", "true");
    }, token);
    const page = await context.newPage();
    const troubles = watchTroubles(page, stage.baseUrl);
    await page.goto(`${stage.baseUrl}/`);
    await page.locator("#chat-input").waitFor();
    await use({ page, troubles, token, name });
  } finally {
    await context.close();
  }
}

/** A chat that a backend made, and a tab on it. */
export async function chatTab(stage: LookStage, title: string): Promise<{ tab: ChatTab; chatId: string }> {
  const { chatId } = await stage.offstage.ask(question(title, { title })).answer();
  const tab = await stage.openTab(`/c/${chatId}`);
  await tab.expectTexts([title, expectedAnswer(title)]);
  return { tab, chatId };
}
