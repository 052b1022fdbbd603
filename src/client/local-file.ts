import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { isJsonObject } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";
import type { RemoteFile } from "./client-interface.ts";

/** @throws OffstageError `bad_input` where there is no file at the path that this process may read, or an empty one */
export async function assertReadable(path: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new OffstageError("bad_input", `The file "${path}" ${why}.`, { cause, details: { path } });
  };
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) =>
    refuse(cause.code === "ENOENT" ? "is not there" : `cannot be looked at: ${cause.message}`, cause),
  );
  if (stats.isDirectory()) refuse("is a folder. Give the files in it");
  if (!stats.isFile()) refuse("is no plain file");
  await access(path, constants.R_OK).catch((cause) => refuse("may not be read by this user", cause));
  if (stats.size === 0) refuse("is empty");
}

/** Those of the server's files that have the local one's name and size. `isSame` is null where no hash of bytes is told. */
export async function findAlike(
  files: readonly RemoteFile[],
  path: string,
): Promise<{ file: RemoteFile; isSame: boolean | null }[]> {
  const { size } = await stat(path);
  const alike = files.filter((file) => file.name === basename(path) && file.size === size);
  if (alike.length === 0) return [];
  const sha256 = createHash("sha256");
  await pipeline(createReadStream(path), sha256);
  const hash = sha256.digest("hex");
  return alike.map((file) => {
    const told = isJsonObject(file.meta) ? file.meta.file_hash : undefined;
    return { file, isSame: typeof told === "string" ? told === hash : null };
  });
}
