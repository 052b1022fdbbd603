import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { OffstageError } from "../../errors.ts";

const HASH = /^[0-9a-f]{64}$/;

const pathOf = (folder: string, hash: string) => join(folder, hash.slice(0, 2), hash);

/** The hashes of all blobs in a folder; none where there is no folder. */
export async function listBlobs(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.map((name) => basename(name)).filter((name) => HASH.test(name));
}

/** Copies a blob (mode 0600) and reads it back; false where it is gone by now. @throws OffstageError `internal` for wrong bytes */
export async function copyBlob(from: string, to: string, hash: string): Promise<boolean> {
  const target = pathOf(to, hash);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  try {
    await copyFile(pathOf(from, hash), target, constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  await chmod(target, 0o600);
  await assertBlob(to, hash);
  return true;
}

/** Reads a blob and compares its bytes with its name. @throws OffstageError `internal` */
export async function assertBlob(folder: string, hash: string): Promise<void> {
  const digest = createHash("sha256");
  const path = pathOf(folder, hash);
  await pipeline(createReadStream(path), digest);
  if (digest.digest("hex") === hash) return;
  throw new OffstageError("internal", `${path} is damaged: its bytes are not those that it was kept under.`);
}
