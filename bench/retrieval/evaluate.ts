import type { JudgedQuestion, QuestionKind } from "./judged-set.ts";
import { firstRank, type PassageRanks, recallAt, reciprocalRank } from "./measures.ts";
import { passageRanks } from "./passage-ranks.ts";
import type { RetrievalDocument, Retriever } from "./retriever.ts";

/** The cut-off of recall: so many passages fit before a small model. */
export const RECALL_CUTOFF = 5;
/** How far results are looked at: a passage beyond counts as not found. */
export const DEPTH = 10;

/** How a retriever did on one question. */
export interface QuestionResult {
  id: string;
  kind: QuestionKind;
  ranks: PassageRanks;
  recall: number;
  reciprocalRank: number;
  /** Whether a document that is named as wrong came before every right passage; null where none is named. */
  misled: boolean | null;
}

/** A retriever's results, in the order of the questions. */
export interface RetrieverResults {
  name: string;
  results: QuestionResult[];
}

/**
 * Indexes the documents, asks all questions one after another, and closes the retriever, come what may.
 * @throws what the retriever throws: a search that fails is no result
 */
export async function evaluateRetriever(
  retriever: Retriever,
  set: { documents: readonly RetrievalDocument[]; questions: readonly JudgedQuestion[] },
): Promise<RetrieverResults> {
  try {
    await retriever.index(set.documents);
    const results: QuestionResult[] = [];
    for (const question of set.questions) results.push(await evaluateQuestion(retriever, question));
    return { name: retriever.name, results };
  } finally {
    await retriever.close();
  }
}

async function evaluateQuestion(retriever: Retriever, judged: JudgedQuestion): Promise<QuestionResult> {
  const { id, kind, question, conversation, relevant, not } = judged;
  const found = (await retriever.search(question, conversation, DEPTH)).slice(0, DEPTH);
  const ranks = passageRanks(relevant, found);
  const wrong = found.findIndex(({ document }) => not.includes(document));
  return {
    id,
    kind,
    ranks,
    recall: recallAt(RECALL_CUTOFF, ranks),
    reciprocalRank: reciprocalRank(ranks),
    misled: not.length === 0 ? null : wrong !== -1 && wrong < firstRank(ranks),
  };
}
