import { type Command, InvalidArgumentError } from "commander";
import { OffstageError } from "../errors.ts";
import type { CaseResult, ConformanceReport } from "../testing/index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

interface ConformanceCommandOptions extends ConnectionOptions {
  model: string;
  steerable?: boolean;
  only?: string[];
  timeout: number;
}

/** `offstage conformance`: what a server does where servers differ, as a table; what was skipped, with its reason. */
export function addConformanceCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command("conformance")
    .description("ask a server what it does where Open WebUI versions differ; calls the model about 12 times")
    .requiredOption("--model <id>", "answers the questions")
    .option("--only <names...>", "cases or capabilities instead of all")
    .option(
      "--steerable",
      "the provider obeys directives such as [[status=500]]: run the cases of failures too",
    )
    .option("--timeout <seconds>", "for each case", parseSeconds, 60);
  addConnectionOptions(command).action((options: ConformanceCommandOptions) =>
    withServer(options, terminal, async ({ target }) => {
      const token = target.token ?? target.apiKey;
      if (token === undefined) {
        throw new OffstageError("bad_input", "There is no token. Give one with --token or OFFSTAGE_TOKEN.");
      }
      const { testOpenWebUI } = await import("../testing/index.ts");
      const report = await testOpenWebUI({
        baseUrl: target.baseUrl,
        token,
        model: options.model,
        steerable: options.steerable === true,
        timeoutMs: options.timeout * 1_000,
        signal: terminal.interrupted,
        onResult: ({ name, outcome, ms }) => terminal.note(`${name}: ${outcome} (${ms} ms)`),
        ...(options.only ? { only: options.only } : {}),
      });
      if (options.json) terminal.printJson(report);
      else for (const line of reportLines(report)) terminal.print(line);
      for (const { chatId, error } of report.left)
        terminal.note(`Delete the chat ${chatId} yourself: ${error}`);
      if (report.failed > 0) process.exitCode = 1;
    }),
  );
}

/** The report as lines: a table of the answers and failures, then the skipped ones, then the counts. */
export function reportLines(report: ConformanceReport): string[] {
  const { baseUrl, version, model, answered, skipped, failed } = report;
  const rows = [["capability", "case", "value", "ms", "evidence"], ...report.cases.flatMap(tableRow)];
  const skips = report.cases.flatMap((result) =>
    result.outcome === "skipped" ? [`${result.name}: skipped, because ${result.reason}`] : [],
  );
  return [
    `${baseUrl} says that it is ${version}; asked with ${model}`,
    "",
    ...alignColumns(rows),
    ...(skips.length > 0 ? ["", ...skips] : []),
    "",
    `${answered} answered, ${skipped} skipped, ${failed} failed in ${report.ms} ms`,
  ];
}

function tableRow(result: CaseResult): string[][] {
  const { capability, name, ms } = result;
  if (result.outcome === "skipped") return [];
  const [value, evidence] =
    result.outcome === "answered"
      ? [saidValue(result.value), result.evidence]
      : ["FAILED", result.error.message];
  return [[capability, name, value, String(ms), evidence.replace(/\s+/g, " ")]];
}

const saidValue = (value: boolean | string | number) =>
  typeof value === "boolean" ? (value ? "yes" : "no") : String(value);

/** Rows as lines whose columns begin at the same place. */
function alignColumns(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("Give seconds above 0, at most 86400.");
}
