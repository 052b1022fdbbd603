import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes a run's figures as JSON under `bench/results`; resolves with the file. */
export async function keepResult(root: string, name: string, result: object): Promise<string> {
  const folder = join(root, "bench/results");
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name.replace(/[:.]/g, "-")}.json`);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}
