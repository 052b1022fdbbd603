import { chmod, copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { OFFSTAGE_VERSION } from "../../contract/versions.ts";
import { copySqlite, examineSqlite } from "../../db/sqlite-copy.ts";
import { OffstageError } from "../../errors.ts";
import { copyBlob, listBlobs } from "./blob-copies.ts";
import { BLOB_FOLDER, DATABASE_FILE, type Manifest, SECRET_FILE, writeManifest } from "./manifest.ts";

export interface BackupOptions {
  dataDir: string;
  /** A folder that is empty or not there. */
  target: string;
  database: Manifest["database"];
  /** Whether what signs tokens and seals providers' keys comes along. */
  withSecret: boolean;
}

/** Files may be deleted between the copy of the database and theirs; then both are copied again. */
const MAX_TRIES = 5;

/**
 * Copies a data folder, also one that a server uses, and reads the copy back. The database is of one moment, and every file
 * that it speaks of is there.
 * @throws OffstageError `conflict` for a target that is not empty, `not_found` for no data, `internal` for damage
 */
export async function backUp({ dataDir, target, database, withSecret }: BackupOptions): Promise<Manifest> {
  await assertEmpty(target);
  const entries: string[] = await readdir(dataDir).catch(() => []);
  const isThere = entries.includes(database === "sqlite" ? DATABASE_FILE : BLOB_FOLDER);
  if (!isThere) throw new OffstageError("not_found", `There is nothing to back up in ${dataDir}.`);
  await mkdir(target, { recursive: true, mode: 0o700 });
  const files = database === "sqlite" ? await copyBoth(dataDir, target) : await copyAll(dataDir, target);
  const secret = withSecret && entries.includes(SECRET_FILE);
  if (secret) await copyPrivately(join(dataDir, SECRET_FILE), join(target, SECRET_FILE));
  const created_at = new Date().toISOString();
  const manifest: Manifest = { format: 1, offstage: OFFSTAGE_VERSION, created_at, database, files, secret };
  await writeManifest(target, manifest);
  return manifest;
}

async function assertEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new OffstageError("bad_input", `${folder} cannot be used: ${error.message}.`, { cause: error });
  });
  if (entries.length > 0) throw new OffstageError("conflict", `${folder} is not empty: name another folder.`);
}

async function copyPrivately(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, 0o600);
}

/** Every file in the folder; resolves with how many. */
async function copyAll(dataDir: string, target: string): Promise<number> {
  let count = 0;
  for (const hash of await listBlobs(join(dataDir, BLOB_FOLDER))) {
    if (await copyBlob(join(dataDir, BLOB_FOLDER), join(target, BLOB_FOLDER), hash)) count += 1;
  }
  return count;
}

/** The database, and the files that it speaks of; resolves with how many. */
async function copyBoth(dataDir: string, target: string): Promise<number> {
  const [from, to] = [join(dataDir, BLOB_FOLDER), join(target, BLOB_FOLDER)];
  const copy = join(target, DATABASE_FILE);
  const copied = new Set<string>();
  for (let tries = 1; ; tries += 1) {
    await copySqlite(join(dataDir, DATABASE_FILE), copy);
    const named = examineSqlite(copy);
    const gone: string[] = [];
    for (const hash of named) {
      if (copied.has(hash)) continue;
      if (await copyBlob(from, to, hash)) copied.add(hash);
      else gone.push(hash);
    }
    if (gone.length === 0) {
      const kept = new Set(named);
      for (const hash of copied) if (!kept.has(hash)) await rm(join(to, hash.slice(0, 2), hash));
      return named.length;
    }
    await rm(copy);
    if (tries < MAX_TRIES) continue;
    const message = `${gone.length} files of the database are missing in ${from}: ${gone[0]}. Repair the folder first.`;
    throw new OffstageError("internal", message, { details: { missing: gone } });
  }
}
