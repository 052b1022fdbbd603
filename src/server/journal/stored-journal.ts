import type { AnswerJournal } from "../../contract/journal.ts";

/** What comes to a journal once its answer's end is stored; a line of its own. */
export type JournalAddition = Pick<AnswerJournal, "steps" | "exchanges" | "searches">;

/** A journal with what was put behind it, oldest first. */
export function withAdditions(journal: AnswerJournal, additions: readonly JournalAddition[]): AnswerJournal {
  const all = [journal, ...additions];
  return {
    ...journal,
    steps: all.flatMap(({ steps }) => steps),
    exchanges: all.flatMap(({ exchanges }) => exchanges),
    searches: all.flatMap(({ searches }) => searches),
  };
}
