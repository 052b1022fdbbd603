import { chmod, copyFile, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { lockFolder } from "../../db/folder-lock.ts";
import { copySqlite, examineSqlite } from "../../db/sqlite-copy.ts";
import { OffstageError } from "../../errors.ts";
import { assertBlob, copyBlob, listBlobs } from "./blob-copies.ts";
import { BLOB_FOLDER, DATABASE_FILE, type Manifest, readManifest, SECRET_FILE } from "./manifest.ts";

/** What a data folder may hold and still count as empty: the lock, models, what earlier restores have put aside. */
const NO_DATA = /^(offstage\.lock.*|models|replaced-.*)$/;

/** Whether a folder holds data that a restore would replace. */
export async function holdsData(dataDir: string): Promise<boolean> {
  const entries = await readdir(dataDir).catch(() => []);
  return entries.some((name) => !NO_DATA.test(name));
}

/**
 * Puts a backup in place of a data folder's content, after it has read all of it; what was there is put aside in the same
 * folder, never deleted. The secret stays where the backup has none.
 * @throws OffstageError `bad_input` for no backup, `internal` for a damaged one, `unavailable` while a server uses the
 * folder, `conflict` for one that holds data unless `force` is given
 */
export async function restore(options: { source: string; dataDir: string; force: boolean }): Promise<{
  manifest: Manifest;
  /** Where the former content is; null for none. */
  replaced: string | null;
}> {
  const { source, dataDir, force } = options;
  const manifest = await readManifest(source);
  const blobs = await examineBackup(source, manifest);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dataDir);
  if (!lock) throw new OffstageError("unavailable", `A server runs on ${dataDir}: stop it first.`);
  try {
    if (!force && (await holdsData(dataDir)))
      throw new OffstageError("conflict", `${dataDir} holds data: name another folder, or say --force.`);
    const replaced = await putAside(dataDir, manifest);
    const to = join(dataDir, BLOB_FOLDER);
    for (const hash of blobs) await copyBlob(join(source, BLOB_FOLDER), to, hash);
    if (manifest.secret) {
      await copyFile(join(source, SECRET_FILE), join(dataDir, SECRET_FILE));
      await chmod(join(dataDir, SECRET_FILE), 0o600);
    }
    // The database comes last, and at once: a folder without it is as good as empty.
    if (manifest.database === "sqlite") {
      const arriving = join(dataDir, `${DATABASE_FILE}.arriving`);
      await copySqlite(join(source, DATABASE_FILE), arriving);
      await rename(arriving, join(dataDir, DATABASE_FILE));
    }
    return { manifest, replaced };
  } finally {
    lock.release();
  }
}

/** Reads every byte; resolves with the files' hashes. @throws OffstageError `internal` */
async function examineBackup(source: string, manifest: Manifest): Promise<string[]> {
  const blobs = await listBlobs(join(source, BLOB_FOLDER));
  for (const hash of blobs) await assertBlob(join(source, BLOB_FOLDER), hash);
  if (manifest.database === "postgres") return blobs;
  const held = new Set(blobs);
  const missing = examineSqlite(join(source, DATABASE_FILE)).filter((hash) => !held.has(hash));
  if (missing.length === 0) return blobs;
  throw new OffstageError("internal", `${source} is damaged: ${missing.length} of its files are missing.`);
}

async function putAside(dataDir: string, { secret }: Manifest): Promise<string | null> {
  const former = (await readdir(dataDir)).filter((name) => !NO_DATA.test(name));
  const moved = secret ? former : former.filter((name) => name !== SECRET_FILE);
  if (moved.length === 0) return null;
  const aside = join(dataDir, `replaced-${new Date().toISOString().replaceAll(":", "-")}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of moved) await rename(join(dataDir, name), join(aside, name));
  return aside;
}
