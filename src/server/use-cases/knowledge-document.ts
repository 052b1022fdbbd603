import type { KnowledgeStatus } from "../../contract/knowledge.ts";
import type { KnowledgeTable, UserTable } from "../../db/schema.ts";
import type { FileWithContent } from "../store/store.ts";
import { encodeAccess } from "./access.ts";
import { encodeMeta, errorOf } from "./file-document.ts";
import { pictureUrl } from "./profile-picture.ts";

/** How a collection is: it is used only while nothing in it is processing, and what failed is left out. */
export function statusOf(files: readonly Pick<FileWithContent, "status">[]): KnowledgeStatus {
  if (files.some(({ status }) => status === "processing")) return "processing";
  return files.length > 0 && files.every(({ status }) => status === "error") ? "error" : "processed";
}

const INDEXING: Readonly<Record<KnowledgeStatus, string>> = {
  processed: "complete",
  processing: "indexing",
  error: "failed",
};

/** A collection as the wire has it: the real record, with the tutorial's fields. */
export function encodeKnowledge(
  knowledge: KnowledgeTable,
  files: readonly FileWithContent[],
  isWritable: boolean,
): Record<string, unknown> {
  const status = statusOf(files);
  const fileIds = files.map(({ id }) => id);
  const indexedAtSec = Math.max(...files.map(({ updated_at_sec }) => updated_at_sec), 0);
  return {
    ...encodeCollection(knowledge),
    type: "collection",
    status,
    data: fileIds.length > 0 ? { file_ids: fileIds } : null,
    files: files.map((file) => encodeMember(knowledge.id, file)),
    files_count: files.length,
    file_count: files.length,
    total_size: files.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
    metadata: {
      indexing_status: INDEXING[status],
      last_indexed: indexedAtSec === 0 ? null : indexedAtSec,
      failed_files: files
        .filter((file) => file.status === "error")
        .map((file) => ({ id: file.id, name: file.name, error: errorOf(file) })),
    },
    write_access: isWritable,
  };
}

/** What is known of a collection without its files. */
export function encodeCollection(knowledge: KnowledgeTable): Record<string, unknown> {
  const meta = JSON.parse(knowledge.meta_json) as Record<string, unknown>;
  return {
    id: knowledge.id,
    user_id: knowledge.user_id,
    name: knowledge.name,
    description: knowledge.description,
    meta: Object.keys(meta).length > 0 ? meta : null,
    ...encodeAccess(knowledge),
    created_at: knowledge.created_at_sec,
    updated_at: knowledge.updated_at_sec,
  };
}

/** A file as a member of a collection. */
function encodeMember(knowledgeId: string, file: FileWithContent): Record<string, unknown> {
  return {
    id: file.id,
    hash: file.hash,
    meta: encodeMeta(file, knowledgeId),
    created_at: file.created_at_sec,
    updated_at: file.updated_at_sec,
  };
}

/** A file in the list of a collection's files. */
export function encodeListedFile(
  knowledgeId: string,
  file: FileWithContent,
  owner: UserTable | undefined,
): Record<string, unknown> {
  return {
    ...encodeMember(knowledgeId, file),
    user_id: file.user_id,
    filename: file.name,
    data: { status: file.status === "processed" ? "completed" : file.status, error: errorOf(file) },
    user: encodeOwner(owner),
  };
}

/** Whose something is, as lists say it. */
export function encodeOwner(owner: UserTable | undefined): Record<string, unknown> | null {
  if (!owner) return null;
  const { id, name, email, role } = owner;
  return { id, name, email, role, profile_image_url: pictureUrl(id) };
}
