import { z } from "zod";
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

/** Who besides its owner may do something: everybody with an account, or these users. */
const Permission = z.looseObject({
  user_ids: z.array(z.string().max(256)).max(10_000).nullish(),
  group_ids: z.array(z.string().max(256)).max(10_000).nullish(),
});

/**
 * Access as Open WebUI up to 0.8 spells it. `null`: everybody may read. `{}`: nobody but the owner. Groups are kept, and
 * give nothing while there are none.
 */
export const AccessControl = z
  .looseObject({ read: Permission.nullish(), write: Permission.nullish() })
  .meta({ id: "AccessControl" });
export type AccessControl = z.infer<typeof AccessControl>;

/** One grant of access as later versions spell it; `principal_id` may be `*`, everybody. */
export const AccessGrant = z
  .looseObject({
    principal_type: z.enum(["user", "group"]),
    principal_id: z.string().max(256),
    permission: z.enum(["read", "write"]),
  })
  .meta({ id: "AccessGrant" });
export type AccessGrant = z.infer<typeof AccessGrant>;

/** Body of `knowledge/create` and `knowledge/{id}/update`. Without a word on access nobody but the owner has any. */
export const KnowledgeForm = z
  .looseObject({
    name: z.string().trim().min(1).max(256),
    description: z.string().max(10_000).nullish(),
    access_control: AccessControl.nullish(),
    access_grants: z.array(AccessGrant).max(10_000).nullish(),
  })
  .meta({ id: "KnowledgeForm" });
export type KnowledgeForm = z.infer<typeof KnowledgeForm>;

/** Body of `knowledge/{id}/file/add`, `…/update` and `…/remove`. */
export const KnowledgeFileForm = z.looseObject({ file_id: Id }).meta({ id: "KnowledgeFileForm" });
export type KnowledgeFileForm = z.infer<typeof KnowledgeFileForm>;
