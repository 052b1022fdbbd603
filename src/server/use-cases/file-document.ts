import type { FileProgress, FileRecord, FileStatus } from "../../contract/file.ts";
import type { ContentStatus } from "../../db/schema.ts";
import type { IngestionProgress } from "../knowledge/ingestion/ingestion-parts.ts";
import type { FileWithContent } from "../store/store.ts";

const STATUS: Readonly<Record<ContentStatus, FileStatus>> = {
  processing: "processing",
  processed: "completed",
  error: "failed",
};

/** Why it failed or is held up, under its own name: others may have sent the same bytes under theirs. */
export function errorOf({ error, content_name, name }: FileWithContent): string | null {
  return error?.replaceAll(content_name, name) ?? null;
}

/** A file as the wire has it. Its text only where `text` brings it. */
export function encodeFile(file: FileWithContent, text?: string | null): FileRecord {
  return {
    id: file.id,
    user_id: file.user_id,
    hash: file.hash,
    filename: file.name,
    path: null,
    data: {
      status: STATUS[file.status],
      ...encodeError(file),
      ...(text == null ? {} : { content: text }),
    },
    meta: encodeMeta(file, `file-${file.id}`),
    access_control: null,
    created_at: file.created_at_sec,
    updated_at: file.updated_at_sec,
  };
}

/** A file's `meta`, as a member of the named collection. */
export function encodeMeta(file: FileWithContent, collectionName: string): FileRecord["meta"] {
  return {
    name: file.name,
    content_type: file.content_type,
    size: file.size_bytes,
    file_hash: file.hash,
    ...(file.page_count === null ? {} : { page_count: file.page_count }),
    data: JSON.parse(file.meta_json) as Record<string, unknown>,
    collection_name: collectionName,
  };
}

/** How far the processing of a file is. */
export function encodeProgress(file: FileWithContent, progress: IngestionProgress | null): FileProgress {
  return {
    status: STATUS[file.status],
    ...encodeError(file),
    ...(progress === null || file.status !== "processing" ? {} : { progress }),
  };
}

function encodeError(file: FileWithContent): { error?: string } {
  const error = errorOf(file);
  return error === null ? {} : { error };
}
