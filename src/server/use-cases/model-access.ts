import type { FileReference } from "../../contract/chat.ts";
import type { ModelForm } from "../../contract/model-form.ts";
import type { Queries } from "../../db/database.ts";
import type { ModelTable } from "../../db/model-tables.ts";
import { OffstageError } from "../../errors.ts";
import type { Context, User } from "../context.ts";
import { createAccessCheck } from "./access.ts";
import { createModelCheck } from "./find-model.ts";
import { knowledgeOf } from "./lent-material.ts";
import { findForeign } from "./material.ts";

/** What an unknown model and one that is not shared answer alike. */
export function modelNotFound(id: string): OffstageError {
  return new OffstageError(
    "not_found",
    `Model not found: "${id}". It does not exist, was deleted, or is not shared with you.`,
  );
}

/** What is kept of a model, to be changed by this user. @throws OffstageError `not_found`; `forbidden` where it may only be read */
export async function findChangeableModel(
  { store }: Context,
  tx: Queries,
  user: User,
  id: string,
): Promise<ModelTable> {
  const model = await store.models.findModel(tx, id);
  const mayUse = createAccessCheck(store, tx, user);
  if (!model || !(await mayUse(model, "read"))) throw modelNotFound(id);
  if (await mayUse(model, "write")) return model;
  throw new OffstageError("forbidden", `You may use the model "${model.name}", but not change it.`);
}

/**
 * Proves that a model may be built so by this user: only administrators keep settings of providers' models, and a workspace
 * model lends nothing that its maker may not use. `before` is what it was; what stays as it was is not asked.
 * @throws OffstageError `forbidden`, `conflict` (as 400) for an id that a provider has, `bad_input` for what cannot be lent
 */
export async function assertBuildable(
  context: Context,
  user: User,
  form: Pick<ModelForm, "id" | "meta"> & { baseId: string | null },
  before?: ModelTable,
): Promise<void> {
  const { baseId } = form;
  if (baseId === null) {
    if (user.role === "admin") return;
    throw new OffstageError(
      "forbidden",
      "Only an administrator may change the settings of a provider's model.",
    );
  }
  if (!before && (await context.providers.find(form.id))) {
    throw new OffstageError("conflict", `A provider has a model "${form.id}" already: choose another id.`, {
      httpStatus: 400,
    });
  }
  if (baseId !== before?.base_model_id) {
    const base = await context.models.find(baseId);
    const isProviders = base !== undefined && base.model.id === baseId;
    if (!isProviders || !(await createModelCheck(context, user)(base.entry))) {
      throw new OffstageError("bad_input", `There is no provider's model "${baseId}" to build on.`);
    }
  }
  const former = before ? knowledgeOf(JSON.parse(before.meta_json) as Record<string, unknown>) : [];
  const isNew = ({ id }: FileReference) => !former.some((item) => item.id === id);
  const added = knowledgeOf(form.meta).filter(isNew);
  const foreign = await findForeign(context, context.store.read, user, added);
  if (foreign) {
    throw new OffstageError(
      "bad_input",
      `The model cannot know "${foreign.name ?? foreign.id}": there is no such file or collection, or it is not shared with you.`,
    );
  }
}
