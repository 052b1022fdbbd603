import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type JudgedDocument, readDocuments, singleSpaced } from "./documents.ts";
import { assignSplits, SPLITS, type Split } from "./splits.ts";

/** What makes a question hard, so that results can be told apart by it. */
export const QUESTION_KINDS = [
  /** A few words, as typed into a search box. */
  "keyword",
  /** A whole question, in words that the passage has, too. */
  "natural",
  /** In words that the passage does not have. */
  "paraphrase",
  /** A code, a number of a part or a ticket, a name in a program. */
  "identifier",
  /** Answered by a figure. */
  "number",
  /** Documents that look right are wrong: another year, product, office, person. */
  "contrast",
  /** Answered by several passages together. */
  "several",
  /** Not in the documents' language. */
  "language",
  /** Cannot be understood without the conversation before it. */
  "follow-up",
] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

const RelevantPassage = z.strictObject({
  document: z.string().min(1),
  /** Stands in the document once, white space aside. */
  quote: z.string().min(1),
});
/** A passage that answers a question, or a part of it, named by words of its own. */
export type RelevantPassage = z.infer<typeof RelevantPassage>;

const JudgedQuestion = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  kind: z.enum(QUESTION_KINDS),
  split: z.enum(SPLITS),
  /** Earlier messages, oldest first. */
  conversation: z
    .array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string().min(1) }))
    .default([]),
  question: z.string().min(1),
  relevant: z.array(RelevantPassage).min(1),
  /** Documents that look right and are wrong. */
  not: z.array(z.string()).default([]),
});
export type JudgedQuestion = z.infer<typeof JudgedQuestion>;

/** Documents, and questions with the passages that answer them. */
export interface JudgedSet {
  documents: JudgedDocument[];
  questions: JudgedQuestion[];
}

const QUESTIONS_FILE = new URL("questions.json", import.meta.url);

/**
 * The judged set, whole and free of contradictions: see `faultsOf`.
 * @throws Error that lists everything wrong with it
 */
export async function loadJudgedSet(): Promise<JudgedSet> {
  const questions = z.array(JudgedQuestion).parse(JSON.parse(await readFile(QUESTIONS_FILE, "utf8")));
  const set = { documents: await readDocuments(), questions };
  const faults = faultsOf(set);
  if (faults.length > 0) throw new Error(`The judged set has faults:\n${faults.join("\n")}`);
  return set;
}

/** What contradicts itself in a set, a sentence each. */
export function faultsOf({ documents, questions }: JudgedSet): string[] {
  const texts = new Map(documents.map(({ name, text }) => [name, text]));
  const faults: string[] = [];
  if (texts.size < documents.length) faults.push("Two documents have the same name.");
  const splits = assignSplits(questions);
  if (splits.size < questions.length) faults.push("Two questions have the same id.");
  for (const question of questions) {
    const { id, kind, split, conversation, relevant, not } = question;
    const say = (fault: string) => void faults.push(`${id}: ${fault}`);
    if (split !== splits.get(id)) say(`is in "${split}"; its hash puts it into "${splits.get(id)}".`);
    if ((kind === "follow-up") !== conversation.length > 0)
      say("a follow-up has a conversation; others have none.");
    if (kind === "several" && relevant.length < 2) say("has one passage, and is to need several.");
    for (const { document, quote } of relevant) {
      const times = (texts.get(document) ?? "").split(singleSpaced(quote)).length - 1;
      if (times !== 1) say(`"${quote}" stands ${times} times in ${document}.`);
    }
    for (const name of not) {
      if (!texts.has(name)) say(`${name} is no document.`);
      if (relevant.some(({ document }) => document === name)) say(`${name} is both right and wrong.`);
    }
  }
  return faults;
}

/** The questions of one half. */
export function questionsOf(set: JudgedSet, split: Split): JudgedQuestion[] {
  return set.questions.filter((question) => question.split === split);
}
