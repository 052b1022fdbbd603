import { request } from "../api/request.ts";
import { models as offered } from "../state/models.svelte.ts";

export interface Grant {
  principal_type: "user" | "group";
  principal_id: string;
  permission: "read" | "write";
}

/** A workspace model, or what is set for a provider's model, which then has no base. */
export interface KeptModel {
  id: string;
  name: string;
  base_model_id: string | null;
  params: Record<string, unknown>;
  meta: Record<string, unknown> & {
    description?: string | null;
    hidden?: boolean;
    knowledge?: { id: string; name: string; type: string }[];
  };
  is_active: boolean;
  access_grants: Grant[];
}

/** A provider's model as administrators see it. */
export interface ProviderModel {
  id: string;
  name: string;
  is_active: boolean;
  hidden: boolean;
  /** What is set for it; null while nothing is. */
  settings: KeptModel | null;
}

/** @throws RequestFailed */
export const readWorkspaceModels = (): Promise<KeptModel[]> => request("GET", "/api/v1/models/");

/** In the order of all lists. @throws RequestFailed */
export async function readProviderModels(): Promise<ProviderModel[]> {
  const [{ data }, settings] = await Promise.all([
    request<{ data: ProviderModel[] }>("GET", "/api/models/base"),
    request<KeptModel[]>("GET", "/api/v1/models/base"),
  ]);
  const known = new Map(settings.map((model) => [model.id, model]));
  return data.map((model) => ({ ...model, settings: known.get(model.id) ?? null }));
}

/** The settings of a provider's model as they are, or as they would be. */
export function settingsOf({ id, name, settings }: ProviderModel): KeptModel {
  return (
    settings ?? { id, name, base_model_id: null, params: {}, meta: {}, is_active: true, access_grants: [] }
  );
}

/** Keeps a model, and makes it where it is new; the lists of models follow. @throws RequestFailed */
export async function keepModel(model: KeptModel, isNew: boolean): Promise<void> {
  const { access_grants: grants, ...rest } = model;
  // Who may use a provider's model is not said here, and so stays as it is.
  const body = rest.base_model_id === null ? rest : { ...rest, access_grants: grants };
  if (isNew) await request("POST", "/api/v1/models/create", { body });
  else await request("POST", "/api/v1/models/model/update", { query: { id: model.id }, body });
  await offered.load();
}

/** @throws RequestFailed */
export async function deleteModel({ id }: KeptModel): Promise<void> {
  await request("POST", "/api/v1/models/model/delete", { body: { id } });
  await offered.load();
}

/** Orders all lists of models. @throws RequestFailed */
export async function orderModels(ids: readonly string[]): Promise<void> {
  await request("POST", "/api/v1/configs/models", { body: { MODEL_ORDER_LIST: ids } });
  await offered.load();
}
