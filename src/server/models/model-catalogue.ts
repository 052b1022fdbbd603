import type { ModelSettings } from "../../contract/model-form.ts";
import type { ModelTable } from "../../db/model-tables.ts";
import type { Clock } from "../context.ts";
import type { FoundModel, ProviderModel } from "../providers/provider.ts";
import type { ProviderRegistry } from "../providers/registry.ts";
import type { Store } from "../store/store.ts";
import { createAccessCheck } from "../use-cases/access.ts";
import { listedModel, type ModelEntry, NO_SETTINGS, paramsOf } from "./model-entry.ts";

/** A model that can be asked, whoever may. */
export interface AskableModel extends FoundModel {
  /** What it is asked for by; its provider knows it as `model.id`. */
  id: string;
  /** What is kept of it; undefined for a provider's model that nobody has settings for: everybody may ask that. */
  entry: ModelEntry | undefined;
  /** The administrator's defaults, and its own over them. */
  params: Record<string, unknown>;
}

/** A model of the list. */
export interface ListedModel {
  id: string;
  entry: ModelEntry | undefined;
  /** Its row in `/api/models`, printed once for everybody. */
  printed: string;
}

/** What is kept of models, together. */
export interface KeptModels {
  entries: ReadonlyMap<string, ModelEntry>;
  settings: ModelSettings;
}

/** All models that there are: the providers', with what is kept of them, and the workspace's. */
export interface ModelCatalogue {
  /** Those that can be asked, in the order that administrators set; else the providers', then the workspace's by name. */
  list(): Promise<readonly ListedModel[]>;
  /** One that can be asked. */
  find(id: string): Promise<AskableModel | undefined>;
  kept(): Promise<KeptModels>;
  /** To be called after each change of models, their settings, or groups. */
  forget(): void;
}

/** Where the settings for all models are kept. */
export const MODEL_SETTINGS = "models";

/** How long a change that another process makes may go unseen. */
const MAX_AGE_MS = 2_000;

/** A catalogue over the store and the providers. It is composed when first asked for, and again when either has changed. */
export function createModelCatalogue(input: {
  store: Store;
  providers: ProviderRegistry;
  clock: Clock;
}): ModelCatalogue {
  const { store, providers, clock } = input;
  /** What was read last; null once it is forgotten. */
  let kept: { models: KeptModels; readAtMs: number } | null = null;
  /** The reading that is under way, shared by all who ask meanwhile. */
  let reading: Promise<KeptModels> | null = null;
  let composed: { of: KeptModels; over: readonly ProviderModel[]; list: ListedModel[] } | null = null;

  async function read(): Promise<KeptModels> {
    const rows = await store.models.listModels(store.read);
    const settings = (await store.settings.findSetting(store.read, MODEL_SETTINGS)) as
      | ModelSettings
      | undefined;
    const byId = new Map(rows.map((row) => [row.id, row]));
    const entries = new Map<string, ModelEntry>();
    const isBaseOpen = createBaseCheck(store);
    for (const row of rows) {
      entries.set(row.id, {
        row,
        params: JSON.parse(row.params_json) as ModelEntry["params"],
        meta: JSON.parse(row.meta_json) as ModelEntry["meta"],
        isBaseOpen: await isBaseOpen(row, byId.get(row.base_model_id ?? "")),
      });
    }
    return { entries, settings: settings ?? NO_SETTINGS };
  }

  function keptModels(): Promise<KeptModels> {
    if (kept && clock.nowMs() - kept.readAtMs < MAX_AGE_MS) return Promise.resolve(kept.models);
    if (reading) return reading;
    const readAtMs = clock.nowMs();
    const mine = read()
      .then((models) => {
        // What was forgotten meanwhile may have been read too early.
        if (reading === mine) kept = { models, readAtMs };
        return models;
      })
      .finally(() => {
        if (reading === mine) reading = null;
      });
    reading = mine;
    return mine;
  }

  /** The workspace's entry of an id; an id that a provider offers is the provider's. */
  const workspaceEntry = ({ entries }: KeptModels, id: string): ModelEntry | undefined => {
    const entry = entries.get(id);
    return entry && entry.row.base_model_id !== null && !providers.peek(id) ? entry : undefined;
  };
  const settingsEntry = ({ entries }: KeptModels, id: string): ModelEntry | undefined => {
    const entry = entries.get(id);
    return entry?.row.base_model_id === null ? entry : undefined;
  };

  function compose(models: KeptModels, provided: readonly ProviderModel[]): ListedModel[] {
    const listed: { id: string; name: string; model: ListedModel }[] = [];
    const add = (base: ProviderModel, entry: ModelEntry | undefined) => {
      if (entry && (entry.row.is_active === 0 || !entry.isBaseOpen)) return;
      const row = listedModel(base, entry, models.settings);
      const model = { id: row.id, entry, printed: JSON.stringify(row) };
      listed.push({ id: row.id, name: row.name, model });
    };
    for (const base of provided) add(base, settingsEntry(models, base.id));
    const bases = new Map(provided.map((base) => [base.id, base]));
    for (const { row } of models.entries.values()) {
      const entry = workspaceEntry(models, row.id);
      const base = bases.get(row.base_model_id ?? "");
      if (entry && base) add(base, entry);
    }
    const places = new Map(models.settings.MODEL_ORDER_LIST.map((id, place) => [id, place]));
    if (places.size > 0) {
      const placeOf = (id: string) => places.get(id) ?? places.size;
      listed.sort((a, b) => placeOf(a.id) - placeOf(b.id) || (a.name < b.name ? -1 : 1));
    }
    return listed.map(({ model }) => model);
  }

  return {
    async list() {
      const models = await keptModels();
      const provided = await providers.listModels();
      if (composed?.of !== models || composed.over !== provided)
        composed = { of: models, over: provided, list: compose(models, provided) };
      return composed.list;
    },
    async find(id) {
      const models = await keptModels();
      const preset = workspaceEntry(models, id);
      const entry = preset ?? settingsEntry(models, id);
      if (entry && (entry.row.is_active === 0 || !entry.isBaseOpen)) return undefined;
      const found = await providers.find(preset?.row.base_model_id ?? id);
      return found && { ...found, id, entry, params: paramsOf(entry, models.settings) };
    },
    kept: keptModels,
    forget() {
      kept = null;
      reading = null;
    },
  };
}

/** Tells whether a model's base is open to it: a workspace model lends what its owner may use, and no more. */
function createBaseCheck(store: Store) {
  /** What each owner may do; null for one who is no more. */
  const checks = new Map<string, ReturnType<typeof createAccessCheck> | null>();
  return async ({ user_id }: ModelTable, base: ModelTable | undefined): Promise<boolean> => {
    if (!base) return true;
    if (base.is_active === 0) return false;
    let mayUse = checks.get(user_id);
    if (mayUse === undefined) {
      const owner = await store.users.findUser(store.read, user_id);
      mayUse = owner ? createAccessCheck(store, store.read, owner) : null;
      checks.set(user_id, mayUse);
    }
    return (await mayUse?.(base, "read")) ?? false;
  };
}
