import type { ModelSettings, ModelSettingsForm } from "../../contract/model-form.ts";
import type { Context } from "../context.ts";
import { MODEL_SETTINGS } from "../models/model-catalogue.ts";
import { NO_SETTINGS } from "../models/model-entry.ts";

/** What administrators set for all models. */
export async function readModelSettings({ models }: Context): Promise<ModelSettings> {
  return (await models.kept()).settings;
}

/** Changes what the form names; null takes it back. Resolves with all. */
export async function changeModelSettings(context: Context, form: ModelSettingsForm): Promise<ModelSettings> {
  const { store } = context;
  const changed = await store.write(async (tx) => {
    const stored = (await store.settings.findSetting(tx, MODEL_SETTINGS)) as ModelSettings | undefined;
    const former = stored ?? NO_SETTINGS;
    const settings = {
      DEFAULT_MODELS: setOr(form.DEFAULT_MODELS, former.DEFAULT_MODELS, null),
      DEFAULT_PINNED_MODELS: setOr(form.DEFAULT_PINNED_MODELS, former.DEFAULT_PINNED_MODELS, null),
      MODEL_ORDER_LIST: setOr(form.MODEL_ORDER_LIST, former.MODEL_ORDER_LIST, []),
      DEFAULT_MODEL_METADATA: setOr(form.DEFAULT_MODEL_METADATA, former.DEFAULT_MODEL_METADATA, {}),
      DEFAULT_MODEL_PARAMS: setOr(form.DEFAULT_MODEL_PARAMS, former.DEFAULT_MODEL_PARAMS, {}),
    };
    await store.settings.putSetting(tx, MODEL_SETTINGS, settings);
    return settings;
  });
  context.models.forget();
  return changed;
}

const setOr = <T>(given: T | null | undefined, former: T, none: T): T =>
  given === undefined ? former : (given ?? none);
