import type { Queries } from "../../db/database.ts";
import type { Context } from "../context.ts";
import type { FileWithContent } from "../store/store.ts";

/** Once a file is deleted or holds something else: tells who watches it, and deletes what no file holds any more. */
export async function forgetContent(context: Context, { content_id, hash }: FileWithContent): Promise<void> {
  const { ingestion, blobs } = context.knowledge;
  ingestion.forget(content_id);
  await blobs.exclusively(hash, async () => {
    await deleteUnheld(context, content_id, hash);
    await deleteUnheldBlob(context, hash);
  });
}

/** Chunks deleted in one commit, so that a long document holds up nobody. */
const DELETE_BATCH = 256;

/** Deletes a content with its chunks, unless a file holds it. Within `exclusively`. */
async function deleteUnheld({ store, knowledge }: Context, contentId: string, hash: string): Promise<void> {
  const alone = <Result>(work: (tx: Queries) => Promise<Result>) =>
    store.write(async (tx) => {
      await knowledge.blobs.hold(tx, hash);
      return work(tx);
    });
  const deleteSome = () => alone((tx) => store.chunks.deleteUnheldChunks(tx, contentId, DELETE_BATCH));
  while ((await deleteSome()) === DELETE_BATCH);
  await alone((tx) => store.contents.deleteUnheldContent(tx, contentId));
}

/** Deletes the bytes of a hash, unless a content has them. Within `exclusively`. */
export async function deleteUnheldBlob({ store, knowledge }: Context, hash: string): Promise<void> {
  const isHeld = await store.write(async (tx) => {
    await knowledge.blobs.hold(tx, hash);
    if (await store.contents.isHashHeld(tx, hash)) return true;
    await knowledge.blobs.detach(tx, hash);
    return false;
  });
  if (!isHeld) await knowledge.blobs.delete(hash);
}
