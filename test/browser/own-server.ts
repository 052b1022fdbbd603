import { expectedAnswer, question } from "../real/stage.ts";
import type { ChatTab } from "./chat-tab.ts";
import type { LookStage } from "./look-stage.ts";

/** What the server says of the first user's things. */
export async function ask(
  stage: LookStage,
  path: string,
): Promise<{ id: string; title: string; name: string }[]> {
  const headers = { authorization: `Bearer ${stage.token}` };
  const reply = await fetch(`${stage.baseUrl}/api/v1/${path}`, { headers });
  return (await reply.json()) as never;
}

/** Posts as the first user; resolves with the reply's text. */
export async function post(stage: LookStage, path: string, body: unknown): Promise<string> {
  const headers = { authorization: `Bearer ${stage.token}`, "content-type": "application/json" };
  const reply = await fetch(stage.baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
  return reply.text();
}

/** A chat that a backend made, and a tab on it. */
export async function chatTab(stage: LookStage, title: string): Promise<{ tab: ChatTab; chatId: string }> {
  const { chatId } = await stage.offstage.ask(question(title, { title })).answer();
  const tab = await stage.openTab(`/c/${chatId}`);
  await tab.expectTexts([title, expectedAnswer(title)]);
  return { tab, chatId };
}
