import type { Queries } from "../../db/database.ts";
import type { FolderTable } from "../../db/schema.ts";
import { OffstageError } from "../../errors.ts";
import type { Store } from "../store/store.ts";

/** The user's own folder. @throws OffstageError `not_found`, the same for somebody else's */
export async function findOwnFolder(
  store: Store,
  queries: Queries,
  userId: string,
  folderId: string,
): Promise<FolderTable> {
  const folder = await store.folders.findFolder(queries, folderId);
  if (folder?.user_id === userId) return folder;
  throw new OffstageError(
    "not_found",
    `Could not find the folder "${folderId}": it does not exist, was deleted, or belongs to somebody else.`,
  );
}
