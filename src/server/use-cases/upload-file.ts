import { extname } from "node:path";
import type { FileRecord } from "../../contract/file.ts";
import type { Queries } from "../../db/database.ts";
import { OffstageError } from "../../errors.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { readFile } from "./files.ts";
import { awaitProcessed, keepContent, type UploadedFile } from "./keep-content.ts";
import { findUsableKnowledge } from "./knowledge-access.ts";

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
