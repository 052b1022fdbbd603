import * as z from "zod";
import { AccessForm } from "./access.ts";

/** Longest settings of a model, in characters of JSON; a picture of the usual size fits. */
const MAX_FACTS = 512 * 1024;

const Facts = z
  .record(z.string(), z.unknown())
  .refine((facts) => JSON.stringify(facts).length <= MAX_FACTS, `longer than ${MAX_FACTS} characters`);

/** A model's id on the wire. */
export const ModelId = z.string().trim().min(1).max(1_024);

/**
 * Body of `models/create` and `models/model/update`. Without a base it is the settings of the provider's model with that id.
 * Without a word on access a new workspace model is its owner's alone, and settings keep a provider's model open.
 */
export const ModelForm = z
  .looseObject({
    id: ModelId,
    base_model_id: ModelId.nullish().or(z.literal("")),
    name: z.string().trim().min(1).max(1_024),
    params: Facts,
    meta: Facts,
    is_active: z.boolean().nullish(),
    ...AccessForm.shape,
  })
  .meta({ id: "ModelForm" });
export type ModelForm = z.infer<typeof ModelForm>;

/** A model of an export. What it leaves out keeps its value, or is empty. */
export const ImportedModel = ModelForm.extend({ params: Facts.nullish(), meta: Facts.nullish() });
export type ImportedModel = z.infer<typeof ImportedModel>;

/** Body of `models/import` and `models/sync`. */
export const ModelsForm = z.looseObject({ models: z.array(ImportedModel).max(10_000) });

/** What administrators set for all models, as `configs/models` takes it; what is left out stays. */
export const ModelSettingsForm = z
  .looseObject({
    DEFAULT_MODELS: z.string().max(100_000).nullish(),
    DEFAULT_PINNED_MODELS: z.string().max(100_000).nullish(),
    MODEL_ORDER_LIST: z.array(z.string().max(1_024)).max(100_000).nullish(),
    DEFAULT_MODEL_METADATA: Facts.nullish(),
    DEFAULT_MODEL_PARAMS: Facts.nullish(),
  })
  .meta({ id: "ModelsConfigForm" });
export type ModelSettingsForm = z.infer<typeof ModelSettingsForm>;

/** The same, whole. The lists of ids are separated by commas, except the order. */
export const ModelSettings = z
  .object({
    DEFAULT_MODELS: z.string().nullable(),
    DEFAULT_PINNED_MODELS: z.string().nullable(),
    MODEL_ORDER_LIST: z.array(z.string()),
    DEFAULT_MODEL_METADATA: z.record(z.string(), z.unknown()),
    DEFAULT_MODEL_PARAMS: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "ModelsConfig" });
export type ModelSettings = z.infer<typeof ModelSettings>;

/** A model as it is kept, for those who manage it; times in seconds. */
export const ManagedModel = z
  .looseObject({
    id: z.string(),
    user_id: z.string(),
    base_model_id: z.string().nullable(),
    name: z.string(),
    params: z.record(z.string(), z.unknown()),
    meta: z.record(z.string(), z.unknown()),
    is_active: z.boolean(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "ManagedModel", description: "A workspace model, or the settings of a provider's model" });
