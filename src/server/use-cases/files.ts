import { extname } from "node:path";
import { Readable } from "node:stream";
import type { FileProgress, FileRecord } from "../../contract/file.ts";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { IncomingBlob } from "../knowledge/blob-folder.ts";
import type { FileWithContent } from "../store/store.ts";
import { encodeFile, encodeProgress } from "./file-document.ts";
import { findOwnFile, findReadableFile } from "./knowledge-access.ts";

/** A file as it is sent. */
export interface UploadedFile {
  name: string;
  contentType: string | null;
  bytes: Readable;
  metadata: Record<string, unknown>;
}

const MAX_NAME_LENGTH = 255;

/**
 * Keeps a file and has it processed. Resolves once it is processed, or after `waitMs`, whichever comes first; what the
 * same bytes became before is not done again.
 * @throws OffstageError `bad_input` for an empty one, `too_large`, `storage_full`
 */
export async function uploadFile(
  context: Context,
  user: User,
  { name, contentType, bytes, metadata }: UploadedFile,
  waitMs: number,
): Promise<FileRecord> {
  const fileName = cleanName(name);
  const id = context.newId();
  const contentId = await keepContent(
    context,
    { name: fileName, contentType, bytes },
    async (tx, content) => {
      const now = nowSec(context.clock);
      await context.store.files.insertFile(tx, {
        id,
        user_id: user.id,
        content_id: content,
        name: fileName,
        content_type: contentType,
        created_at_sec: now,
        updated_at_sec: now,
        meta_json: JSON.stringify(metadata),
      });
    },
  );
  await awaitProcessed(context, contentId, AbortSignal.timeout(waitMs));
  return readFile(context, user, id);
}

/** The last part of a path, without what no file system or screen should show. */
function cleanName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/\p{Cc}/gu, "").trim();
  if (clean === "" || clean === "." || clean === "..")
    throw new OffstageError("bad_input", `"${name}" is no name of a file: send one such as report.pdf.`);
  const extension = extname(clean).slice(0, 32);
  return clean.length <= MAX_NAME_LENGTH
    ? clean
    : clean.slice(0, MAX_NAME_LENGTH - extension.length) + extension;
}

/** Keeps bytes and their content's row, and lets `attach` hold it in the same transaction. Resolves with its id. */
async function keepContent(
  context: Context,
  file: Pick<UploadedFile, "name" | "contentType" | "bytes">,
  attach: (tx: Queries, contentId: string) => Promise<void>,
): Promise<string> {
  const { store, knowledge, clock } = context;
  const blob = await knowledge.blobs.receive(file.bytes, context.config.limits.maxFileBytes);
  if (blob.sizeBytes === 0) {
    await blob.drop();
    throw new OffstageError("bad_input", `The file "${file.name}" is empty.`);
  }
  const contentId = `${blob.hash}${extname(file.name).toLowerCase()}`;
  await knowledge.blobs.exclusively(blob.hash, async () => {
    await keepBlob(blob);
    await store.write((tx) => insertOnce(tx));
  });
  knowledge.ingestion.enqueue(contentId);
  return contentId;

  async function insertOnce(tx: Queries): Promise<void> {
    const known = await store.contents.findContent(tx, contentId);
    if (known?.status === "error") await store.contents.restartContent(tx, contentId);
    if (!known) {
      await store.contents.insertContent(tx, {
        id: contentId,
        hash: blob.hash,
        name: file.name,
        content_type: file.contentType,
        size_bytes: blob.sizeBytes,
        status: "processing",
        error: null,
        page_count: null,
        chunk_count: null,
        embedder: null,
        created_at_sec: nowSec(clock),
        processed_at_sec: null,
        text: null,
      });
    }
    await attach(tx, contentId);
  }
}

async function keepBlob(blob: IncomingBlob): Promise<void> {
  try {
    await blob.keep();
  } catch (thrown) {
    await blob.drop();
    throw thrown;
  }
}

/** Resolves once a content is no longer processing, or the signal aborts. */
export async function awaitProcessed(
  context: Context,
  contentId: string,
  signal: AbortSignal,
): Promise<void> {
  const { store, knowledge } = context;
  const isDone = async () =>
    (await store.contents.findContent(store.read, contentId))?.status !== "processing";
  try {
    const changes = knowledge.ingestion.changes(contentId, signal)[Symbol.asyncIterator]();
    while (!(await isDone())) await changes.next();
    await changes.return?.();
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

export async function listFiles(context: Context, user: User): Promise<FileRecord[]> {
  const files = await context.store.files.listFilesOfUser(context.store.read, user.id);
  return files.map((file) => encodeFile(file));
}

/** The user's files whose name holds a text, whatever the case; `*` at its ends means nothing. */
export async function searchFiles(context: Context, user: User, pattern: string): Promise<FileRecord[]> {
  const wanted = pattern.replace(/^\*+|\*+$/g, "").toLowerCase();
  const files = await listFiles(context, user);
  return files.filter(({ filename }) => filename.toLowerCase().includes(wanted));
}

/** A file with its text. @throws OffstageError `not_found` */
export async function readFile(context: Context, user: User, id: string): Promise<FileRecord> {
  const file = await findReadableFile(context.store, context.store.read, user, id);
  return encodeFile(file, await readText(context, file));
}

/** A file's text; null until it is read. */
export function readText(context: Context, file: FileWithContent): Promise<string | null> {
  return context.store.contents.findContentText(context.store.read, file.content_id);
}

export async function readProgress(context: Context, user: User, id: string): Promise<FileProgress> {
  const file = await findReadableFile(context.store, context.store.read, user, id);
  return encodeProgress(file, context.knowledge.ingestion.progressOf(file.content_id));
}

/** Each state of a file's processing, from the present one to its end. @throws OffstageError `not_found` at once */
export async function watchProgress(
  context: Context,
  user: User,
  id: string,
  signal: AbortSignal,
): Promise<AsyncIterable<FileProgress>> {
  const { content_id } = await findReadableFile(context.store, context.store.read, user, id);
  const { ingestion } = context.knowledge;
  return (async function* () {
    const changes = ingestion.changes(content_id, signal)[Symbol.asyncIterator]();
    for (;;) {
      const progress = await readProgress(context, user, id);
      yield progress;
      if (progress.status === "completed" || progress.status === "failed") break;
      await changes.next();
    }
    await changes.return?.();
  })();
}

/** A file's bytes, as they were sent. @throws OffstageError `not_found` */
export async function openFile(
  context: Context,
  user: User,
  id: string,
): Promise<{ file: FileWithContent; bytes: Readable }> {
  const file = await findReadableFile(context.store, context.store.read, user, id);
  return { file, bytes: context.knowledge.blobs.read(file.hash) };
}

/** Replaces what the user's own file holds by a text, which is processed anew. */
export async function replaceText(
  context: Context,
  user: User,
  id: string,
  content: string,
): Promise<FileRecord> {
  const file = await findOwnFile(context.store, context.store.read, user, id);
  // Whatever it was, it is plain text now.
  const name = `${file.name}.txt`;
  await keepContent(
    context,
    { name, contentType: "text/plain", bytes: Readable.from([Buffer.from(content)]) },
    (tx, contentId) =>
      context.store.files.moveFileToContent(tx, id, {
        content_id: contentId,
        updated_at_sec: nowSec(context.clock),
      }),
  );
  await forgetContent(context, file);
  return readFile(context, user, id);
}

/** Deletes the user's own file; its bytes go with the last file that holds them. @throws OffstageError `not_found` */
export async function deleteFile(context: Context, user: User, id: string): Promise<void> {
  const file = await findOwnFile(context.store, context.store.read, user, id);
  await dropFile(context, file);
}

export async function deleteAllFiles(context: Context, user: User): Promise<void> {
  for (const file of await context.store.files.listFilesOfUser(context.store.read, user.id))
    await dropFile(context, file);
}

/** Deletes a file whoever's it is: the caller has looked. */
export async function dropFile(context: Context, file: FileWithContent): Promise<void> {
  await context.store.write((tx) => context.store.files.deleteFile(tx, file.id));
  await forgetContent(context, file);
}

/** Deletes what a file held, unless another file does. */
async function forgetContent({ store, knowledge }: Context, file: FileWithContent): Promise<void> {
  await knowledge.blobs.exclusively(file.hash, async () => {
    const isBlobFree = await store.write(async (tx) => {
      await store.contents.deleteUnheldContent(tx, file.content_id);
      return !(await store.contents.isHashHeld(tx, file.hash));
    });
    if (isBlobFree) await knowledge.blobs.delete(file.hash);
  });
}
