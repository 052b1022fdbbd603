import { contentWordsOf, wordsOf } from "./stop-words.ts";

/** A message of the conversation, its text only. */
export interface ConversationMessage {
  role: string;
  text: string;
}

/** A question of fewer telling words leans on what was asked before. */
const FEW_WORDS = 3;
/** Of an earlier question, and of its answer: enough to say what they are about. More would only drown the question. */
const MAX_EARLIER_LENGTH = 300;

/** Words that stand for something said before, or go on from it. */
const LEANING = new Set(
  "it its they them their theirs he him his she her hers this that these those there then one ones former latter same other others another more else instead again".split(
    " ",
  ),
);
const GOES_ON = /^\s*(and|but|or|so|also|then|what about|how about|which one|what else)\b/i;

/**
 * What to search for, to answer the last message of a user; empty where no user has said a word. A question that stands
 * alone is looked for as it is. One that leans on what was said before (by its pronouns, by going on from it, by its
 * brevity) is looked for together with the question before it and the answer to that, and by itself too where it has
 * words of its own. Nothing is guessed and no model is asked: the same conversation gives the same texts.
 */
export function searchTexts(messages: readonly ConversationMessage[]): string[] {
  const last = messages.findLastIndex(isQuestion);
  if (last === -1) return [];
  const question = messages[last]!.text.trim();
  const earlier = leansOnEarlier(question) ? earlierExchange(messages.slice(0, last)) : [];
  if (earlier.length === 0) return [question];
  // The question stands first: of a long text a model may not read the end.
  const together = [question, ...earlier].join("\n");
  return contentWordsOf(question).length === 0 ? [together] : [question, together];
}

function isQuestion({ role, text }: ConversationMessage): boolean {
  return role === "user" && wordsOf(text).length > 0;
}

function leansOnEarlier(question: string): boolean {
  if (GOES_ON.test(question) || contentWordsOf(question).length < FEW_WORDS) return true;
  return wordsOf(question).some((word) => LEANING.has(word));
}

/** The latest question that says what it is about, and how its answer begins, if there is one. */
function earlierExchange(messages: readonly ConversationMessage[]): string[] {
  const asked = messages.findLastIndex(
    (message) => isQuestion(message) && contentWordsOf(message.text).length > 0,
  );
  if (asked === -1) return [];
  const answer = messages.slice(asked + 1).find(({ role }) => role === "assistant");
  return [messages[asked]!.text, answer?.text ?? ""]
    .map((text) => text.trim().slice(0, MAX_EARLIER_LENGTH))
    .filter((text) => text !== "");
}
