import { deepEqual, doesNotMatch } from "node:assert/strict";
import { expectedAnswer, question } from "../real/stage.ts";
import type { ChatTab } from "./chat-tab.ts";
import type { LookStage } from "./look-stage.ts";

/** What a person has to see. Rejects with what is shown instead. */
export type Look = (stage: LookStage) => Promise<void>;

export const ALL_TASKS = { title_generation: true, tags_generation: true, follow_up_generation: true };
/** The questions of `threeTurns`. */
export const WORDS = ["one", "two", "three"];
/** Asks for about twelve seconds of answer: on a busy machine, loading a page takes half of them. */
export const SLOWLY = "[[tokens=240]] [[delay=50]]";
/** What comes of it. */
export const SLOW_TEXT = Array.from({ length: 240 }, (_, index) => `tok${index}`).join(" ");

/** How it begins; the question does not have it. */
export const FIRST_WORDS = "tok0 tok1";

/** A chat of three turns with a title and tags that the server made. */
export async function threeTurns({ offstage }: LookStage): Promise<{ chatId: string; texts: string[] }> {
  const texts: string[] = [];
  let chatId: string | undefined;
  for (const word of WORDS) {
    const first = chatId === undefined ? { title: undefined, backgroundTasks: ALL_TASKS } : { chatId };
    const answer = await offstage.ask(question(word, first)).answer();
    texts.push(word, expectedAnswer(word, texts.length + 1));
    chatId = answer.chatId;
  }
  return { chatId: chatId ?? "", texts };
}

/** How long after a moment the tab showed a text; `never` if it did not within the time of a slow answer. */
export function msUntilSeen(tab: ChatTab, text: string, sinceMs: number): Promise<string> {
  return tab.seen(text, 8_000).then(
    (atMs) => `${atMs - sinceMs} ms`,
    () => "never",
  );
}

/** Proves that nothing in the tab went wrong that does not go wrong in a typed chat, and that no value is missing. */
export async function expectSound(stage: LookStage, tab: ChatTab): Promise<void> {
  doesNotMatch(await tab.everything(), /\bundefined\b|\[object Object\]|Invalid Date/);
  deepEqual(
    tab.troubles.filter((trouble) => !stage.usualTroubles.has(trouble)),
    [],
  );
}
