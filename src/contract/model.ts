import * as z from "zod";

/**
 * Tutorial 'Model Information Response'. `meta.context_length` and `meta.max_output_tokens` (tokens) stand there where
 * they are known; `meta.capabilities` is a list of names for provider models and Open WebUI's dict for workspace models.
 */
export const ModelInformation = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    model: z.string(),
    base_model_id: z.string().nullable(),
    meta: z.looseObject({
      description: z.string().nullish(),
      capabilities: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).nullish(),
      context_length: z.number().int().optional(),
      max_output_tokens: z.number().int().optional(),
    }),
    params: z.record(z.string(), z.unknown()),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "ModelInformation", description: "Model Information Response (tutorial)" });
export type ModelInformation = z.infer<typeof ModelInformation>;

/** One row of `GET /api/models`. */
export const ModelListItem = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    object: z.literal("model"),
    created: z.number(),
    owned_by: z.string(),
  })
  .meta({ id: "ModelListItem" });
export type ModelListItem = z.infer<typeof ModelListItem>;
