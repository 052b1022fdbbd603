import { extname } from "node:path";
import type { Readable } from "node:stream";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec } from "../context.ts";
import { deleteUnheldBlob } from "./unheld-content.ts";

/** A file as it is sent. */
export interface UploadedFile {
  name: string;
  contentType: string | null;
  bytes: Readable;
  /** What is said of it; known once the bytes are read. A `knowledge_id` names a collection that it is put into. */
  metadata: Promise<Record<string, unknown>>;
}

/** Keeps bytes and their content's row, and lets `attach` hold it in the same transaction. Resolves with its id. */
export async function keepContent(
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
