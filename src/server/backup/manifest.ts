import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { OffstageError } from "../../errors.ts";

const NAME = "manifest.json";

/** Where things lie, in a data folder and in a backup alike. */
export const DATABASE_FILE = "offstage.sqlite";
export const BLOB_FOLDER = "files";
export const SECRET_FILE = "secret";

const Manifest = z.object({
  format: z.literal(1),
  offstage: z.string(),
  created_at: z.iso.datetime(),
  /** Of PostgreSQL's database only the files are here. */
  database: z.enum(["sqlite", "postgres"]),
  files: z.number().int(),
  secret: z.boolean(),
});

/** What a backup holds. It is written last: a folder without it is no whole backup. */
export type Manifest = z.infer<typeof Manifest>;

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, NAME), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
}

/** @throws OffstageError `bad_input` where there is no whole backup */
export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, NAME), "utf8")));
  } catch (cause) {
    const message = `${folder} is not a whole backup of this version: its ${NAME} is missing or not understood.`;
    throw new OffstageError("bad_input", message, { cause });
  }
}
