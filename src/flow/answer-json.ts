import { OffstageError } from "../errors.ts";
import { extractJson, jsonCandidates } from "./json-extraction.ts";
import { describeIssues, type SchemaIssue, type StandardSchema } from "./standard-schema.ts";

/**
 * The JSON value of an answer that fits the schema: the first that does of those which the text may mean. Without a
 * schema the first of all.
 * @throws answer_invalid with `details.text` and, from a schema, `details.issues` about the first value.
 */
export async function parseAnswerJson<Output>(
  text: string,
  schema?: StandardSchema<Output>,
): Promise<Output> {
  if (schema === undefined) return extractJson(text) as Output;
  let firstIssues: readonly SchemaIssue[] | undefined;
  for (const candidate of jsonCandidates(text)) {
    const result = await schema["~standard"].validate(candidate);
    if (result.issues === undefined) return result.value;
    firstIssues ??= result.issues;
  }
  if (firstIssues === undefined) return extractJson(text) as never;
  throw new OffstageError(
    "answer_invalid",
    `The answer's JSON does not fit: ${describeIssues(firstIssues)}.`,
    {
      details: { text, issues: firstIssues },
    },
  );
}

/** What the model is told when its JSON did not do, once. */
export function reaskContent(problem: OffstageError): string {
  return `${problem.message}\n\nAnswer again with the corrected JSON only: no explanation, no code fence.`;
}
