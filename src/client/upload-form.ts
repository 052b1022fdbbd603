import { openAsBlob } from "node:fs";
import { basename, extname } from "node:path";
import { OffstageError } from "../errors.ts";
import type { FileUpload } from "./client-interface.ts";
import { assertReadable } from "./local-file.ts";

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
  const type = upload.contentType ?? CONTENT_TYPES[extname(name).toLowerCase()] ?? "application/octet-stream";
  if (isOnDisk) await assertReadable(upload.path);
  const blob = isOnDisk ? await openAsBlob(upload.path, { type }) : new Blob([upload.bytes], { type });
  if (blob.size === 0)
    throw new OffstageError("bad_input", `The file "${name}" is empty. Give one with a text.`);
  const form = new FormData();
  if (upload.metadata !== undefined) form.append("metadata", JSON.stringify(upload.metadata));
  form.append("file", blob, name);
  return form;
}
