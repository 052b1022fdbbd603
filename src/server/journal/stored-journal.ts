import type { AnswerJournal } from "../../contract/journal.ts";

/** What comes to a journal once its answer's end is stored. */
export type JournalAddition = Pick<AnswerJournal, "steps" | "exchanges" | "searches">;

/** A journal as it is stored: a line of JSON with all of it up to the answer's end, and a line for each addition. */
export function parseStoredJournal(text: string): AnswerJournal {
  const [journal, ...additions] = text.split("\n").map((line) => JSON.parse(line)) as [
    AnswerJournal,
    ...JournalAddition[],
  ];
  for (const { steps, exchanges, searches } of additions) {
    journal.steps.push(...steps);
    journal.exchanges.push(...exchanges);
    journal.searches.push(...searches);
  }
  return journal;
}
