import { openAsBlob } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { OffstageError } from "../errors.ts";
import type { FileUpload } from "./client-interface.ts";

/** What servers choose a reader by; whatever else there is goes by its name's ending. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ".htm": "text/html",
  ".html": "text/html",
  ".json": "application/json",
  ".md": "text/markdown",
  ".pdf": "application/pdf",
  ".txt": "text/plain",
};

/**
 * A file as a form that servers take. A file on the disk is not read before it is sent.
 * @throws OffstageError `bad_input` for a path that is no readable file, and for an empty file
 */
export async function uploadForm(upload: FileUpload): Promise<FormData> {
  const isOnDisk = "path" in upload;
  const name = upload.name ?? (isOnDisk ? basename(upload.path) : "");
  const type =
    upload.contentType ?? CONTENT_TYPES[extname(name).toLowerCase()] ?? "application/octet-stream";
  if (isOnDisk) await assertReadable(upload.path);
  const blob = isOnDisk ? await openAsBlob(upload.path, { type }) : new Blob([upload.bytes], { type });
  if (blob.size === 0) throw new OffstageError("bad_input", `The file "${name}" is empty. Give one with a text.`);
  const form = new FormData();
  if (upload.metadata !== undefined) form.append("metadata", JSON.stringify(upload.metadata));
  form.append("file", blob, name);
  return form;
}

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
