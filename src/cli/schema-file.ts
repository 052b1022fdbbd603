import * as z from "zod";
import { parseJson } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";
import { readInputFile } from "./input-file.ts";

/**
 * The JSON Schema in a file, as it stands there and as a check.
 * @throws OffstageError `bad_input` where the file holds none
 */
export async function readSchemaFile(path: string): Promise<{ json: object; schema: z.ZodType }> {
  const document = parseJson(await readInputFile(path));
  try {
    if (typeof document !== "object" || document === null) throw new Error("it holds no JSON object");
    return {
      json: document,
      schema: z.fromJSONSchema(document as z.core.JSONSchema.JSONSchema),
    };
  } catch (cause) {
    throw new OffstageError(
      "bad_input",
      `${path} is no JSON Schema that can be used: ${(cause as Error).message}.`,
      {
        cause,
      },
    );
  }
}
