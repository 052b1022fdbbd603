import * as z from "zod";
import { AccessForm } from "./access.ts";
import { Id } from "./ids.ts";

/** Tutorial 'Knowledge File Status'. Only `processed` material may be named in a completion. */
export const KnowledgeStatus = z.enum(["processed", "processing", "error"]).meta({ id: "KnowledgeStatus" });
export type KnowledgeStatus = z.infer<typeof KnowledgeStatus>;

/** Tutorial 'OWUIKnowledge DTO (Knowledge Collection)'. Times are seconds on the wire, milliseconds in the SDK. */
export const Knowledge = z
  .looseObject({
    id: z.string(),
    type: z.literal("collection"),
    status: KnowledgeStatus,
    name: z.string(),
    description: z.string(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "OWUIKnowledge", description: "OWUIKnowledge DTO (tutorial)" });
export type Knowledge = z.infer<typeof Knowledge>;

/** Tutorial 'Knowledge Collection Response': the collection and what is in it. `total_size` in bytes. */
export const KnowledgeResponse = Knowledge.extend({
  files_count: z.number().int(),
  total_size: z.number().int(),
  metadata: z.looseObject({ indexing_status: z.string(), last_indexed: z.number().nullable() }),
}).meta({ id: "KnowledgeResponse", description: "Knowledge Collection Response (tutorial)" });
export type KnowledgeResponse = z.infer<typeof KnowledgeResponse>;

/** Body of `knowledge/create` and `knowledge/{id}/update`. Without a word on access nobody but the owner has any. */
export const KnowledgeForm = z
  .looseObject({
    name: z.string().trim().min(1).max(256),
    description: z.string().max(10_000).nullish(),
    ...AccessForm.shape,
  })
  .meta({ id: "KnowledgeForm" });
export type KnowledgeForm = z.infer<typeof KnowledgeForm>;

/** Body of `knowledge/{id}/file/add`, `…/update` and `…/remove`. */
export const KnowledgeFileForm = z.looseObject({ file_id: Id }).meta({ id: "KnowledgeFileForm" });
export type KnowledgeFileForm = z.infer<typeof KnowledgeFileForm>;
