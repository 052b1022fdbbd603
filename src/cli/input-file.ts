import { readFile } from "node:fs/promises";
import { OffstageError } from "../errors.ts";

/** The text of a file that a user named. @throws OffstageError `bad_input` where it cannot be read */
export async function readInputFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new OffstageError("bad_input", `The file ${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
