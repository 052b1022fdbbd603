import { CONFORMANCE_CASES } from "./conformance-cases.ts";
import { type ConformanceOptions, type ConformanceReport, runConformance } from "./run-conformance.ts";

export type { ProbeValue } from "./conformance-case.ts";
export type { CaseResult, ConformanceOptions, ConformanceReport } from "./run-conformance.ts";

/**
 * Asks an Open WebUI, or anything that speaks like one, what it does where servers differ; each case is named with the
 * capability that it shows. Takes one case after the other, calls the model about twelve times, and deletes every chat
 * that it made.
 * @throws OffstageError `bad_input`, `unauthorized`, `unreachable`, `not_open_webui`, `cancelled`; a case that fails
 * does not end the run
 */
export function testOpenWebUI(options: ConformanceOptions): Promise<ConformanceReport> {
  return runConformance(options, CONFORMANCE_CASES);
}
