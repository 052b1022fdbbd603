import { Readable } from "node:stream";
import type { FileProgress, FileRecord } from "../../contract/file.ts";
import type { Queries } from "../../db/database.ts";
import { type Context, nowSec, type User } from "../context.ts";
import type { Ingestion } from "../knowledge/ingestion/ingestion.ts";
import type { FileWithContent } from "../store/store.ts";
import { encodeFile, encodeProgress } from "./file-document.ts";
import { keepContent } from "./keep-content.ts";
import { fileNotFound, findOwnFile, findReadableFile } from "./knowledge-access.ts";
import { forgetContent } from "./unheld-content.ts";

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
