import { deepEqual, equal } from "node:assert/strict";
import { OffstageError, type Turn } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { completionsOf, forestChat, question, type RealStage } from "./stage.ts";

export const FRANCE = "Hi, what is the capital of France?";
export const PARIS = "The capital of France is Paris.";
/** About four seconds of answer, so that something can happen in its middle. */
export const SLOWLY = "[[tokens=200]] [[delay=20]]";

export interface Outcome {
  chatId: string;
  error: OffstageError | null;
}

/** How a turn ended, which is noted; its chat is proved to be a forest. */
export async function outcomeOf(stage: RealStage, turn: Turn): Promise<Outcome> {
  const error = await turn.answer().then(
    ({ text }) => {
      stage.note(`answered '${text.slice(0, 30)}'`);
      return null;
    },
    (thrown) => {
      if (!(thrown instanceof OffstageError)) throw thrown;
      stage.note(thrown.code);
      return thrown;
    },
  );
  const chatId = chatOf(turn);
  const { chat } = await forestChat(stage, chatId);
  equal(chat.history.messages[turn.ids.answerIds[0] ?? ""]?.parentId, turn.ids.userMessageId);
  return { chatId, error };
}

/** The chat of a turn that came so far as to have one. */
export function chatOf({ chatId }: Turn): string {
  if (chatId === null) throw new Error("The turn ended before its chat was made.");
  return chatId;
}

/** Proves that the chat can be continued: the next question is answered under what the chat shows. */
export async function goesOn(stage: RealStage, chatId: string): Promise<void> {
  const before = await forestChat(stage, chatId);
  const next = await stage.offstage.ask(question(FRANCE, { chatId })).answer();
  equal(next.text, PARIS);
  const { history } = (await forestChat(stage, chatId)).chat;
  equal(history.currentId, next.messageId);
  equal(history.messages[next.messageId]?.parentId, next.userMessageId);
  equal(history.messages[next.userMessageId]?.parentId, before.chat.history.currentId);
  deepEqual(
    Object.keys(before.chat.history.messages).filter((id) => history.messages[id] === undefined),
    [],
  );
}

/** Resolves once the provider has sent some of the last answer. */
export async function inTheMiddle({ provider }: RealStage): Promise<void> {
  await eventually(
    "the provider is in mid-answer",
    () => (completionsOf(provider).at(-1)?.tokensSent ?? 0) > 10,
  );
}
