import type { ModelTable } from "../../db/model-tables.ts";
import type { UserTable } from "../../db/schema.ts";
import { encodeAccess } from "./access.ts";
import { encodeOwner } from "./knowledge-document.ts";

/** A model as it is kept, for the wire. Who may not change it is not told how it is asked, nor who else may use it. */
export function encodeModel(model: ModelTable, isWritable: boolean): Record<string, unknown> {
  return {
    id: model.id,
    user_id: model.user_id,
    base_model_id: model.base_model_id,
    name: model.name,
    params: isWritable ? (JSON.parse(model.params_json) as unknown) : {},
    meta: JSON.parse(model.meta_json) as unknown,
    ...(isWritable ? encodeAccess(model) : { access_control: {}, access_grants: [] }),
    is_active: model.is_active === 1,
    write_access: isWritable,
    updated_at: model.updated_at_sec,
    created_at: model.created_at_sec,
  };
}

/** The same in a list, with whose it is. */
export function encodeListedModel(
  model: ModelTable,
  isWritable: boolean,
  owner: UserTable | undefined,
): Record<string, unknown> {
  return { ...encodeModel(model, isWritable), user: encodeOwner(owner) };
}
