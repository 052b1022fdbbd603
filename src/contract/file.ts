import * as z from "zod";

/** How far the processing of a file is, in Open WebUI's words: `completed` and `failed` are ends. */
export const FileStatus = z.enum(["pending", "processing", "completed", "failed"]).meta({ id: "FileStatus" });
export type FileStatus = z.infer<typeof FileStatus>;

/** An uploaded file, as the server keeps it. `size` in bytes, times in seconds. */
export const FileRecord = z
  .looseObject({
    id: z.string(),
    user_id: z.string(),
    /** SHA-256 of its bytes, hex. */
    hash: z.string().nullable(),
    filename: z.string(),
    /** `content`: its whole text, where it was asked for and is read; `error`: why there is none. */
    data: z
      .looseObject({
        status: FileStatus.optional(),
        content: z.string().optional(),
        error: z.string().optional(),
      })
      .nullable(),
    meta: z.looseObject({
      name: z.string(),
      content_type: z.string().nullable(),
      size: z.number().int(),
      data: z.record(z.string(), z.unknown()),
      collection_name: z.string(),
    }),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "FileRecord" });
export type FileRecord = z.infer<typeof FileRecord>;

/** What `GET files/{id}/process/status` answers, and what its stream sends until an end. Counts are of chunks. */
export const FileProgress = z
  .looseObject({
    status: FileStatus,
    error: z.string().optional(),
    progress: z.object({ embedded: z.number().int(), chunks: z.number().int() }).optional(),
  })
  .meta({ id: "FileProgress" });
export type FileProgress = z.infer<typeof FileProgress>;
