import { contentWordsOf, wordsOf } from "./stop-words.ts";

/** A message of the conversation, its text only. */
export interface ConversationMessage {
  role: string;
  text: string;
}

/** What is looked for, and what its ranking counts. */
export interface SearchText {
  text: string;
  weight: number;
}

/** A ranking by earlier words, beside one by the question's own. */
export const EARLIER_WEIGHT = 0.5;
/** A question of fewer telling words leans on what was asked before. */
const FEW_WORDS = 3;
/** Enough to say what it is about; more would only drown the question. */
const MAX_EARLIER_LENGTH = 400;

/** Words that stand for something said before, or go on from it. */
const LEANING = new Set(
  "it its they them their theirs he him his she her hers this that these those there then one ones former latter same other others another more else instead again".split(
    " ",
  ),
);
const GOES_ON = /^\s*(and|but|or|so|also|then|what about|how about|why|which one|what else)\b/i;

/**
 * What to search for, to answer the last message of a user; empty where no user has said a word. A question that stands
 * alone is looked for as it is. One that leans on what was said before (by its pronouns, by going on from it, by its
 * brevity) is looked for together with the question before it, and by itself too where it has words of its own. Nothing
 * is guessed and no model is asked: the same conversation gives the same texts.
 */
export function searchTexts(messages: readonly ConversationMessage[]): SearchText[] {
  const questions = messages.filter(({ role, text }) => role === "user" && wordsOf(text).length > 0);
  const question = questions.at(-1)?.text.trim();
  if (question === undefined) return [];
  const earlier = leansOnEarlier(question) ? earlierQuestion(questions.slice(0, -1)) : null;
  if (earlier === null) return [{ text: question, weight: 1 }];
  const together = `${earlier}\n${question}`;
  if (contentWordsOf(question).length === 0) return [{ text: together, weight: 1 }];
  return [
    { text: question, weight: 1 },
    { text: together, weight: EARLIER_WEIGHT },
  ];
}

function leansOnEarlier(question: string): boolean {
  if (GOES_ON.test(question) || contentWordsOf(question).length < FEW_WORDS) return true;
  return wordsOf(question).some((word) => LEANING.has(word));
}

/** The latest question that says what it is about, or null. */
function earlierQuestion(questions: readonly ConversationMessage[]): string | null {
  const telling = questions.findLast(({ text }) => contentWordsOf(text).length > 0);
  return telling?.text.trim().slice(0, MAX_EARLIER_LENGTH) ?? null;
}
