import { renderRows } from "../report.ts";
import { DEPTH, RECALL_CUTOFF, type RetrieverResults } from "./evaluate.ts";
import { QUESTION_KINDS } from "./judged-set.ts";
import { type Estimate, estimateDifference, estimateMean, meanOf, RESAMPLING } from "./measures.ts";
import type { Split } from "./splits.ts";

interface Scores {
  name: string;
  recall: Estimate;
  mrr: Estimate;
}

/** The figures of a run, each with its 95 % interval. */
export interface RetrievalReport {
  split: Split;
  documentCount: number;
  questionCount: number;
  recallCutoff: number;
  retrievers: (Scores & {
    /** The share of questions with documents named as wrong on which one of these came first. */
    misled: number;
    kinds: { kind: string; questionCount: number; recall: number; mrr: number }[];
  })[];
  /** The subject less each other retriever on the same questions: above 0 the subject is better. */
  differences: Scores[];
  results: RetrieverResults[];
}

/** `subject` names the retriever that the others are compared with; without it there are no differences. */
export function summarize(
  runs: readonly RetrieverResults[],
  run: { split: Split; documentCount: number; subject: string },
): RetrievalReport {
  const subject = runs.find(({ name }) => name === run.subject);
  const others = subject ? runs.filter((other) => other !== subject) : [];
  return {
    split: run.split,
    documentCount: run.documentCount,
    questionCount: runs[0]?.results.length ?? 0,
    recallCutoff: RECALL_CUTOFF,
    retrievers: runs.map(({ name, results }) => ({
      name,
      recall: estimateMean(recalls({ results })),
      mrr: estimateMean(reciprocalRanks({ results })),
      misled: meanOf(results.flatMap(({ misled }) => (misled === null ? [] : [Number(misled)]))),
      kinds: QUESTION_KINDS.flatMap((kind) => {
        const ofKind = { results: results.filter((result) => result.kind === kind) };
        const questionCount = ofKind.results.length;
        if (questionCount === 0) return [];
        return [
          { kind, questionCount, recall: meanOf(recalls(ofKind)), mrr: meanOf(reciprocalRanks(ofKind)) },
        ];
      }),
    })),
    differences: others.map((other) => ({
      name: `${run.subject} − ${other.name}`,
      recall: estimateDifference(recalls(subject!), recalls(other)),
      mrr: estimateDifference(reciprocalRanks(subject!), reciprocalRanks(other)),
    })),
    results: [...runs],
  };
}

const recalls = ({ results }: Pick<RetrieverResults, "results">) => results.map(({ recall }) => recall);
const reciprocalRanks = ({ results }: Pick<RetrieverResults, "results">) =>
  results.map((result) => result.reciprocalRank);

/** The report as tables for people. */
export function renderReport(report: RetrievalReport): string {
  const { retrievers, differences, split, questionCount, documentCount } = report;
  const recallName = `recall@${report.recallCutoff}`;
  const heading = [
    `${questionCount} questions (the ${split} half) on ${documentCount} documents; the first ${DEPTH} results count`,
    `[95 % confidence, ${RESAMPLING.resamples} resamples of the questions, differences paired]`,
  ];
  const whole = [
    ["", recallName, "MRR", "misled"],
    ...retrievers.map(({ name, recall, mrr, misled }) => [
      name,
      formatEstimate(recall),
      formatEstimate(mrr),
      Number.isNaN(misled) ? "–" : formatShare(misled),
    ]),
    ...differences.map(({ name, recall, mrr }) => [
      name,
      formatEstimate(recall, formatSigned),
      formatEstimate(mrr, formatSigned),
      "",
    ]),
  ];
  const kinds = [
    ["kind", "questions", ...retrievers.flatMap(({ name }) => [`${name}: ${recallName}`, "MRR"])],
    ...(retrievers[0]?.kinds ?? []).map(({ kind, questionCount: count }, row) => [
      kind,
      String(count),
      ...retrievers.flatMap((retriever) => {
        const { recall, mrr } = retriever.kinds[row]!;
        return [formatShare(recall), formatShare(mrr)];
      }),
    ]),
  ];
  return [heading.join("\n"), renderRows(whole), renderRows(kinds)].join("\n\n");
}

function formatEstimate({ mean, low, high }: Estimate, format = formatShare): string {
  return `${format(mean)} [${format(low)}, ${format(high)}]`;
}

function formatShare(value: number): string {
  return value.toFixed(3);
}

function formatSigned(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}
