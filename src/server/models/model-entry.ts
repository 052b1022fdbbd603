import type { ModelSettings } from "../../contract/model-form.ts";
import type { ModelTable } from "../../db/model-tables.ts";
import type { ProviderModel } from "../providers/provider.ts";

type Facts = Record<string, unknown>;

/** What is kept of a model, read once. */
export interface ModelEntry {
  row: ModelTable;
  params: Facts;
  meta: Facts;
  /** Whether its owner may use its base, as far as the base's own settings say; true for settings. */
  isBaseOpen: boolean;
}

/** Settings before an administrator has made any. */
export const NO_SETTINGS: ModelSettings = {
  DEFAULT_MODELS: null,
  DEFAULT_PINNED_MODELS: null,
  MODEL_ORDER_LIST: [],
  DEFAULT_MODEL_METADATA: {},
  DEFAULT_MODEL_PARAMS: {},
};

/** The tutorial's facts of a provider's model. */
export function providerMeta(model: ProviderModel): Facts {
  return {
    description: model.description ?? null,
    capabilities: model.capabilities.length > 0 ? model.capabilities : ["text"],
    ...limitsOf(model),
  };
}

function limitsOf(model: ProviderModel): Facts {
  return {
    ...(model.contextLength ? { context_length: model.contextLength } : {}),
    ...(model.maxOutputTokens ? { max_output_tokens: model.maxOutputTokens } : {}),
  };
}

/** What is known of a model: its own facts over the administrator's defaults over its provider's. */
export function metaOf(base: ProviderModel, entry: ModelEntry | undefined, settings: ModelSettings): Facts {
  const provided = entry?.row.base_model_id === null || !entry ? providerMeta(base) : limitsOf(base);
  const defaults = settings.DEFAULT_MODEL_METADATA;
  const own = withoutNulls(entry?.meta ?? {});
  const capabilities = [defaults.capabilities, own.capabilities].filter(isFacts);
  return {
    ...provided,
    ...withoutNulls(defaults),
    ...own,
    ...(capabilities.length > 0 ? { capabilities: Object.assign({}, ...capabilities) } : {}),
  };
}

/** What a model's answers are asked with where neither chat nor request says otherwise. */
export function paramsOf(entry: ModelEntry | undefined, settings: ModelSettings): Facts {
  return { ...settings.DEFAULT_MODEL_PARAMS, ...withoutNulls(entry?.params ?? {}) };
}

const withoutNulls = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));

const isFacts = (value: unknown): value is Facts =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where a model's picture is found: what pages keep in its facts, if it is on this server, or what is made of its id. */
function pictureOf(id: string, meta: Facts): string {
  const { profile_image_url: url } = meta;
  if (typeof url === "string" && url.startsWith("/") && !url.startsWith("//")) return url;
  return `/api/v1/models/model/profile/image?id=${encodeURIComponent(id)}`;
}

/** A model's row in `/api/models`. How it is asked (`params`) and who else may use it is for those who may change it. */
export function listedModel(base: ProviderModel, entry: ModelEntry | undefined, settings: ModelSettings) {
  const meta = metaOf(base, entry, settings);
  const provided = (base.tags ?? []).map((name) => ({ name }));
  const about = { actions: [], filters: [], tags: Array.isArray(meta.tags) ? meta.tags : provided };
  const model = { object: "model", created: base.createdAtSec, owned_by: base.ownedBy };
  if (!entry) return { id: base.id, name: base.name, ...model, info: { meta }, ...about };
  const { row } = entry;
  const info = {
    id: row.id,
    user_id: row.user_id,
    base_model_id: row.base_model_id,
    name: row.name,
    params: {},
    meta: { ...meta, profile_image_url: pictureOf(row.id, meta) },
    is_active: row.is_active === 1,
    updated_at: row.updated_at_sec,
    created_at: row.created_at_sec,
  };
  const isPreset = row.base_model_id !== null;
  return {
    id: row.id,
    name: row.name,
    ...model,
    ...(isPreset ? { created: row.created_at_sec, preset: true } : {}),
    info,
    ...about,
  };
}
