import { extname } from "node:path";
import { Readable } from "node:stream";
import type { FileProgress, FileRecord } from "../../contract/file.ts";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { Ingestion } from "../knowledge/ingestion/ingestion.ts";
import type { FileWithContent } from "../store/store.ts";
import { encodeFile, encodeProgress } from "./file-document.ts";
import { fileNotFound, findOwnFile, findReadableFile, findUsableKnowledge } from "./knowledge-access.ts";
import { deleteUnheldBlob, forgetContent } from "./unheld-content.ts";

/** A file as it is sent. */
export interface UploadedFile {
  name: string;
  contentType: string | null;
  bytes: Readable;
  /** What is said of it; known once the bytes are read. A `knowledge_id` names a collection that it is put into. */
  metadata: Promise<Record<string, unknown>>;
}

const MAX_NAME_LENGTH = 255;

/**
 * Keeps a file and has it processed. Resolves once it is processed, or after `waitMs`, whichever comes first; what the
 * same bytes became before is not done again.
 * @throws OffstageError `bad_input` for an empty one, `too_large`, `storage_full`; `not_found`, `forbidden` for the collection
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
    { name: fileName, contentType, bytes, metadata },
    async (tx, content, said) => {
      const now = nowSec(context.clock);
      await context.store.files.insertFile(tx, {
        id,
        user_id: user.id,
        content_id: content,
        name: fileName,
        content_type: contentType,
        created_at_sec: now,
        updated_at_sec: now,
        meta_json: JSON.stringify(said),
      });
      await putIntoNamed(context, tx, user, id, said.knowledge_id);
    },
  );
  await awaitProcessed(context, contentId, AbortSignal.timeout(waitMs));
  return readFile(context, user, id);
}

/** Puts a new file into the collection that its upload names, as 0.12.4's page of a collection has it done. */
async function putIntoNamed(
  { store, clock }: Context,
  tx: Queries,
  user: User,
  fileId: string,
  knowledgeId: unknown,
): Promise<void> {
  if (typeof knowledgeId !== "string" || knowledgeId === "") return;
  const knowledge = await findUsableKnowledge(store, tx, user, knowledgeId, "write");
  const now = nowSec(clock);
  await store.knowledge.addFile(tx, { knowledgeId, fileId, addedAtSec: now });
  await store.knowledge.replaceKnowledge(tx, { ...knowledge, updated_at_sec: now });
}

/** The last part of a path, without what no file system or screen should show. */
function cleanName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "").trim();
  if (clean === "" || clean === "." || clean === "..") {
    const shown = JSON.stringify(name.slice(0, MAX_NAME_LENGTH));
    throw new OffstageError("bad_input", `${shown} is no name of a file: send one such as report.pdf.`);
  }
  const extension = extname(clean).slice(0, 32);
  const short =
    clean.length <= MAX_NAME_LENGTH ? clean : clean.slice(0, MAX_NAME_LENGTH - extension.length) + extension;
  return short.toWellFormed();
}

/** Keeps bytes and their content's row, and lets `attach` hold it in the same transaction. Resolves with its id. */
async function keepContent(
  context: Context,
  file: UploadedFile,
  attach: (tx: Queries, contentId: string, said: Record<string, unknown>) => Promise<void>,
): Promise<string> {
  const { store, knowledge, clock } = context;
  const blob = await knowledge.blobs.receive(file.bytes, context.config.limits.maxFileBytes);
  if (blob.sizeBytes === 0) {
    await blob.drop();
    throw new OffstageError("bad_input", `The file "${file.name}" is empty.`);
  }
  const said = await file.metadata.catch(async (refusal: unknown) => {
    await blob.drop();
    throw refusal;
  });
  const contentId = `${blob.hash}${extname(file.name).toLowerCase()}`;
  await knowledge.blobs.exclusively(blob.hash, async () => {
    await blob.keep();
    try {
      await store.write((tx) => insertOnce(tx));
    } catch (thrown) {
      await deleteUnheldBlob(context, blob.hash);
      throw thrown;
    }
  });
  knowledge.ingestion.enqueue(contentId);
  return contentId;

  async function insertOnce(tx: Queries): Promise<void> {
    await blob.attach(tx);
    // What a deletion that was broken off left may lack chunks.
    await store.contents.deleteUnheldContent(tx, contentId);
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
    await attach(tx, contentId, said);
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
  return encodeFile(withDelay(context.knowledge.ingestion, file), await readText(context, file));
}

/** A file's text; null until it is read. */
export function readText(context: Context, file: FileWithContent): Promise<string | null> {
  return context.store.contents.findContentText(context.store.read, file.content_id);
}

export async function readProgress(context: Context, user: User, id: string): Promise<FileProgress> {
  const file = await findReadableFile(context.store, context.store.read, user, id);
  return progressOf(context, file);
}

function progressOf({ knowledge }: Context, file: FileWithContent): FileProgress {
  const { ingestion } = knowledge;
  return encodeProgress(withDelay(ingestion, file), ingestion.progressOf(file.content_id));
}

/** A full disk keeps even the reason from being stored. */
function withDelay(ingestion: Ingestion, file: FileWithContent): FileWithContent {
  const isProcessing = file.status === "processing";
  return isProcessing ? { ...file, error: file.error ?? ingestion.delayOf(file.content_id) } : file;
}

/**
 * Each state of a file's processing, from the present one to its end, through the replacing of what it holds. A file that
 * is deleted meanwhile ends `failed`. @throws OffstageError `not_found` at once
 */
export async function watchProgress(
  context: Context,
  user: User,
  id: string,
  signal: AbortSignal,
): Promise<AsyncIterable<FileProgress>> {
  const { ingestion } = context.knowledge;
  const { store } = context;
  const first = await findReadableFile(store, store.read, user, id);
  return (async function* () {
    for (let watched = first.content_id; ; ) {
      const changes = ingestion.changes(watched, signal)[Symbol.asyncIterator]();
      let file = await store.files.findFile(store.read, id);
      while (file?.content_id === watched && file.status === "processing") {
        yield progressOf(context, file);
        await changes.next();
        file = await store.files.findFile(store.read, id);
      }
      await changes.return?.();
      if (file?.content_id === watched) yield progressOf(context, file);
      if (!file) yield { status: "failed", error: fileNotFound(id).message };
      if (!file || file.content_id === watched) return;
      watched = file.content_id;
    }
  })();
}

/** A file's bytes, as they were sent. @throws OffstageError `not_found` */
export async function openFile(
  context: Context,
  user: User,
  id: string,
): Promise<{ file: FileWithContent; bytes: Readable }> {
  const file = await findReadableFile(context.store, context.store.read, user, id);
  return { file, bytes: await context.knowledge.blobs.read(file.hash) };
}

/** Replaces what the user's own file holds by a text, which is processed anew. */
export async function replaceText(
  context: Context,
  user: User,
  id: string,
  content: string,
): Promise<FileRecord> {
  const { store } = context;
  const { name } = await findOwnFile(store, store.read, user, id);
  let former: FileWithContent | undefined;
  await keepContent(
    context,
    // Whatever it was, it is plain text now.
    {
      name: `${name}.txt`,
      contentType: "text/plain",
      bytes: Readable.from([Buffer.from(content)]),
      metadata: Promise.resolve({}),
    },
    async (tx, contentId) => {
      await store.files.holdFile(tx, id);
      former = await findOwnFile(store, tx, user, id);
      await store.files.moveFileToContent(tx, id, {
        content_id: contentId,
        updated_at_sec: nowSec(context.clock),
      });
    },
  );
  if (former) await forgetContent(context, former);
  return readFile(context, user, id);
}

/** Deletes the user's own file; its bytes go with the last file that holds them. @throws OffstageError `not_found` */
export async function deleteFile(context: Context, user: User, id: string): Promise<void> {
  await dropFile(context, id, (tx) => findOwnFile(context.store, tx, user, id));
}

export async function deleteAllFiles(context: Context, user: User): Promise<void> {
  const { store } = context;
  for (const { id } of await store.files.listFilesOfUser(store.read, user.id))
    await dropFile(context, id, (tx) => store.files.findFile(tx, id));
}

/** Deletes a file if `find` finds it, whoever's it is, with what only it held. */
export async function dropFile(
  context: Context,
  id: string,
  find: (tx: Queries) => Promise<FileWithContent | undefined>,
): Promise<void> {
  const { store } = context;
  const dropped = await store.write(async (tx) => {
    await store.files.holdFile(tx, id);
    const file = await find(tx);
    if (!file) return undefined;
    await store.files.deleteFile(tx, file.id);
    return file;
  });
  if (dropped) await forgetContent(context, dropped);
}
