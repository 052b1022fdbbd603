import type { AccessForm } from "../../contract/access.ts";
import type { ImportedModel, ModelForm } from "../../contract/model-form.ts";
import type { Queries } from "../../db/database.ts";
import type { ModelTable } from "../../db/model-tables.ts";
import { type Context, nowSec, type User } from "../context.ts";
import { changedAccess, grantsOf, PUBLIC } from "./access.ts";
import { assertBuildable, findChangeableModel } from "./model-access.ts";
import { encodeModel } from "./model-record.ts";

type ModelRecord = Record<string, unknown>;

/** The base that a form names; null for settings of the provider's model with the form's own id. */
const baseOf = ({ id, base_model_id: base }: Pick<ModelForm, "id" | "base_model_id">) =>
  base && base !== id ? base : null;

/** A model that nothing was kept of. */
function newRow(context: Context, user: User, form: ImportedModel): ModelTable {
  const now = nowSec(context.clock);
  const baseId = baseOf(form);
  return {
    id: form.id,
    user_id: user.id,
    base_model_id: baseId,
    name: form.name,
    is_active: form.is_active === false ? 0 : 1,
    created_at_sec: now,
    updated_at_sec: now,
    // Settings alone close nothing: a provider's model is everybody's until somebody says otherwise.
    access_json: JSON.stringify(grantsOf(form) ?? (baseId === null ? PUBLIC : [])),
    params_json: JSON.stringify(form.params ?? {}),
    meta_json: JSON.stringify(form.meta ?? {}),
  };
}

/**
 * A form of settings without a bare `{}` or no grants at all: web UIs send these when they switch a provider's model off or
 * rename it, and mean nothing by it.
 */
function withoutBareAccess(form: ModelForm): ModelForm {
  const { access_control: control, access_grants: grants } = form;
  const isBare = grants ? grants.length === 0 : control && Object.keys(control).length === 0;
  if (!isBare || baseOf(form) !== null) return form;
  return { ...form, access_control: undefined, access_grants: undefined };
}

function changedRow(context: Context, before: ModelTable, form: ImportedModel): ModelTable {
  return {
    ...before,
    base_model_id: form.base_model_id === undefined ? before.base_model_id : baseOf(form),
    name: form.name,
    is_active: typeof form.is_active === "boolean" ? Number(form.is_active) : before.is_active,
    updated_at_sec: nowSec(context.clock),
    access_json: changedAccess(form, before),
    params_json: form.params ? JSON.stringify(form.params) : before.params_json,
    meta_json: form.meta ? JSON.stringify(form.meta) : before.meta_json,
  };
}

/**
 * Makes a workspace model, or settings of a provider's model; settings that are there are changed, as web UIs that did not look
 * again expect. @throws OffstageError `conflict`, `bad_input`, `forbidden`
 */
export async function createModel(context: Context, user: User, posted: ModelForm): Promise<ModelRecord> {
  const { store } = context;
  const form = withoutBareAccess(posted);
  await assertBuildable(context, user, { ...form, baseId: baseOf(form) });
  const model = await store.write(async (tx) => {
    const before = baseOf(form) === null ? await store.models.findModel(tx, form.id) : undefined;
    if (before?.base_model_id === null) {
      const changed = changedRow(context, before, form);
      await store.models.replaceModel(tx, changed);
      return changed;
    }
    const made = newRow(context, user, form);
    await store.models.insertModel(tx, made);
    return made;
  });
  context.models.forget();
  return encodeModel(model, true);
}

/** Changes all that the form says. @throws OffstageError `not_found`, `forbidden`, `bad_input` */
export async function updateModel(
  context: Context,
  user: User,
  id: string,
  form: ModelForm,
): Promise<ModelRecord> {
  const { store } = context;
  const before = await findChangeableModel(context, store.read, user, id);
  const after = changedRow(context, before, form);
  await assertBuildable(context, user, { id, meta: form.meta, baseId: after.base_model_id }, before);
  return change(context, user, id, (model) => changedRow(context, model, form));
}

/** Changes who else may use it. @throws OffstageError `not_found`, `forbidden` */
export function shareModel(context: Context, user: User, id: string, form: AccessForm): Promise<ModelRecord> {
  return change(context, user, id, (model) => ({ ...model, access_json: changedAccess(form, model) }));
}

/** Switches it off, or on again. @throws OffstageError `not_found`, `forbidden` */
export function toggleModel(context: Context, user: User, id: string): Promise<ModelRecord> {
  return change(context, user, id, (model) => ({ ...model, is_active: 1 - model.is_active }));
}

async function change(
  context: Context,
  user: User,
  id: string,
  work: (model: ModelTable) => ModelTable,
): Promise<ModelRecord> {
  const { store } = context;
  const changed = await store.write(async (tx) => {
    const model = await findChangeableModel(context, tx, user, id);
    const after = { ...work(model), updated_at_sec: nowSec(context.clock) };
    await store.models.replaceModel(tx, after);
    return after;
  });
  context.models.forget();
  return encodeModel(changed, true);
}

/** @throws OffstageError `not_found`, `forbidden` */
export async function deleteModel(context: Context, user: User, id: string): Promise<void> {
  const { store } = context;
  await store.write(async (tx) => {
    await findChangeableModel(context, tx, user, id);
    await store.models.deleteModel(tx, id);
  });
  context.models.forget();
}

/** Deletes every workspace model and all settings of providers' models. */
export async function deleteAllModels(context: Context): Promise<void> {
  const { store } = context;
  await store.write((tx) => store.models.deleteModels(tx, "all"));
  context.models.forget();
}

/** Takes over models of an export: those that are there are changed, the others made, and are the administrator's. */
export async function importModels(
  context: Context,
  admin: User,
  forms: readonly ImportedModel[],
): Promise<void> {
  await context.store.write((tx) => takeOver(context, tx, admin, forms));
  context.models.forget();
}

/** The same, and all others go. Resolves with what there is then, by name. */
export async function syncModels(
  context: Context,
  admin: User,
  forms: readonly ImportedModel[],
): Promise<ModelRecord[]> {
  const { store } = context;
  const synced = await store.write(async (tx) => {
    const wanted = new Set(forms.map(({ id }) => id));
    for (const { id } of await store.models.listModels(tx)) {
      if (!wanted.has(id)) await store.models.deleteModel(tx, id);
    }
    await takeOver(context, tx, admin, forms);
    return store.models.listModels(tx);
  });
  context.models.forget();
  return synced.map((model) => encodeModel(model, true));
}

async function takeOver(
  context: Context,
  tx: Queries,
  admin: User,
  forms: readonly ImportedModel[],
): Promise<void> {
  const { models } = context.store;
  for (const form of forms) {
    const before = await models.findModel(tx, form.id);
    if (before) await models.replaceModel(tx, changedRow(context, before, form));
    else await models.insertModel(tx, newRow(context, admin, form));
  }
}
