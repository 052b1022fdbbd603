import { parseArgs } from "node:util";
import { evaluateRetriever, type RetrieverResults } from "./evaluate.ts";
import { loadJudgedSet, questionsOf } from "./judged-set.ts";
import { type RetrievalReport, renderReport, summarize } from "./report.ts";
import type { Retriever } from "./retriever.ts";
import { SPLITS, type Split } from "./splits.ts";

/** What to measure, and how to print it. */
export interface RetrievalOptions {
  split: Split;
  json: boolean;
  /** The retriever that the others are compared with. */
  subject: string;
  /** Versions of Open WebUI to measure beside, with `+hybrid` behind where its hybrid search is to be on. */
  openWebUi: string[];
}

export const RETRIEVAL_USAGE = `  --split HALF          tune, to try things out, or report, which results are given of (report)
  --subject NAME        the retriever that the others are compared with (hybrid)
  --open-webui VERSION  that Open WebUI beside, where it is installed (repeatable); VERSION+hybrid with its
                        hybrid search, which is off by default
  --json                the whole report as JSON, with the ranks of each question's passages`;

/** @throws Error saying which option is wrong */
export function parseRetrievalOptions(args: readonly string[]): RetrievalOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      split: { type: "string", default: "report" },
      subject: { type: "string", default: "hybrid" },
      json: { type: "boolean", default: false },
      "open-webui": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const split = SPLITS.find((name) => name === values.split);
  if (split === undefined) throw new Error(`--split: "${values.split}" is none of ${SPLITS.join(", ")}`);
  return { split, json: values.json, subject: values.subject, openWebUi: values["open-webui"] };
}

/** Measures retrievers one after another, on the same half of the judged set. */
export async function measureRetrieval(
  retrievers: readonly Retriever[],
  { split, subject }: Pick<RetrievalOptions, "split" | "subject">,
  progress: (what: string) => void = () => {},
): Promise<RetrievalReport> {
  const set = await loadJudgedSet();
  const { documents } = set;
  const questions = questionsOf(set, split);
  const runs: RetrieverResults[] = [];
  for (const retriever of retrievers) {
    progress(`${retriever.name}: ${documents.length} documents, ${questions.length} questions`);
    runs.push(await evaluateRetriever(retriever, { documents, questions }));
  }
  return summarize(runs, { split, documentCount: documents.length, subject });
}

/** The benchmark as a program: the figures to standard output, progress to standard error. */
export async function runRetrievalBench(
  retrieversFor: (options: RetrievalOptions) => Promise<readonly Retriever[]>,
  args: readonly string[],
): Promise<void> {
  const options = parseRetrievalOptions(args);
  if (options === "help") return void process.stdout.write(`${RETRIEVAL_USAGE}\n`);
  const progress = (what: string) => void process.stderr.write(`${what}\n`);
  const report = await measureRetrieval(await retrieversFor(options), options, progress);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : renderReport(report)}\n`);
}
