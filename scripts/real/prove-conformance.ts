import { type CaseResult, testOpenWebUI } from "../../src/testing/index.ts";
import { expectedAnswers } from "../../test/real/expected-capabilities.ts";
import { MODEL, type RealStage } from "../../test/real/stage.ts";
import { type Proof, tellProof } from "./proof.ts";

/** Asks the server what it does where versions differ; each case is a proof, whose answer is the expected one. */
export async function proveConformance(stage: RealStage, version: string): Promise<Proof[]> {
  const { baseUrl, token } = stage;
  const report = await testOpenWebUI({ baseUrl, token, model: MODEL, steerable: true });
  const expected = expectedAnswers(version);
  const proofs = report.cases
    .filter(({ outcome }) => outcome !== "skipped")
    .map((result) => {
      const proof = { name: `conformance: ${result.name}`, problem: problemOf(result, expected) };
      return tellProof(proof, result.ms, saidOutcome(result));
    });
  const left = report.left.map(({ chatId, error }) => `${chatId}: ${error}`);
  return [
    ...proofs,
    { name: "conformance leaves no chat", problem: left.length === 0 ? null : left.join("\n") },
  ];
}

function problemOf(result: CaseResult, expected: Readonly<Record<string, boolean | string>>): string | null {
  if (result.outcome === "failed") return `${result.error.code}: ${result.error.message}`;
  const wanted = expected[result.name];
  if (result.outcome === "skipped" || wanted === undefined || wanted === result.value) return null;
  return `It answered ${result.value} (${result.evidence}) where ${wanted} was seen before.`;
}

function saidOutcome(result: CaseResult): string {
  if (result.outcome === "answered")
    return `${result.value}: ${result.evidence}`.replace(/\s+/g, " ").slice(0, 120);
  return result.outcome === "failed" ? result.error.message : result.reason;
}
