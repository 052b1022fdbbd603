import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { OffstageError } from "../errors.ts";

const run = promisify(execFile);

/** Whether a path names one file instead of a folder. */
export const isArchive = (path: string) => /\.(tar|tar\.gz|tgz)$/.test(path);

/** Runs the system's tar, which makes files that only their owner may read. @throws OffstageError `internal` */
async function tar(args: readonly string[]): Promise<void> {
  try {
    const command = 'umask 077 && exec tar "$@"';
    await run("sh", ["-c", command, "tar", ...args]);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim() ?? "";
    throw new OffstageError("internal", `tar failed: ${said || "is it installed?"}`, { cause });
  }
}

/** Gives `work` a folder beside `archive` that is gone afterwards, whatever happens. */
async function besides<Result>(archive: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(dirname(resolve(archive)), ".offstage-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What `work` puts into a folder, as one file. */
export function packed<Result>(archive: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  return besides(archive, async (folder) => {
    const result = await work(folder);
    await tar([archive.endsWith(".tar") ? "-cf" : "-czf", resolve(archive), "-C", folder, "."]);
    return result;
  });
}

/** Gives `work` what is in an archive. */
export function unpacked<Result>(
  archive: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  return besides(archive, async (folder) => {
    await tar(["-xf", resolve(archive), "-C", folder, "--no-same-owner"]);
    return work(folder);
  });
}
