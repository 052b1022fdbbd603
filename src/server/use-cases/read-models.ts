import type { ModelInformation } from "../../contract/model.ts";
import type { ModelTable } from "../../db/model-tables.ts";
import type { Context, User } from "../context.ts";
import { metaOf, providerMeta } from "../models/model-entry.ts";
import { createAccessCheck, type Permission } from "./access.ts";
import { createModelCheck } from "./find-model.ts";
import { modelNotFound } from "./model-access.ts";
import { encodeListedModel, encodeModel } from "./model-record.ts";

type ModelRecord = Record<string, unknown>;

/** Workspace models on a page of their list. */
const PAGE_SIZE = 30;

/** How a user looks through the workspace's models. */
export interface ModelOrder {
  page?: number | undefined;
  /** Only those whose name, id or base holds it, in any case. */
  query?: string | undefined;
  tag?: string | undefined;
  /** Only the user's own, or only others'. */
  view_option?: "created" | "shared" | undefined;
  order_by?: "name" | "created_at" | "updated_at" | undefined;
  direction?: "asc" | "desc" | undefined;
}

/** The answer of `/api/models` for a user, printed. */
export async function printModelList(context: Context, user: User): Promise<string> {
  const mayAsk = createModelCheck(context, user);
  const rows: string[] = [];
  for (const { entry, printed } of await context.models.list()) if (await mayAsk(entry)) rows.push(printed);
  return `{"object":"list","data":[${rows.join(",")}]}`;
}

/** The row of one model, printed. @throws OffstageError `not_found` */
export async function printModel(context: Context, user: User, id: string): Promise<string> {
  const listed = (await context.models.list()).find((model) => model.id === id);
  if (listed && (await createModelCheck(context, user)(listed.entry))) return listed.printed;
  throw modelNotFound(id);
}

/** The providers' models as administrators manage them: those that are switched off, too, in the set order. */
export async function listBaseModels(context: Context): Promise<ModelRecord[]> {
  const { entries, settings } = await context.models.kept();
  const places = new Map(settings.MODEL_ORDER_LIST.map((id, place) => [id, place]));
  const placeOf = (id: string) => places.get(id) ?? places.size;
  return (await context.providers.listModels())
    .map((model) => {
      const entry = entries.get(model.id);
      const own = entry?.row.base_model_id === null ? entry : undefined;
      return {
        id: model.id,
        name: model.name,
        object: "model",
        created: model.createdAtSec,
        owned_by: model.ownedBy,
        info: { meta: providerMeta(model) },
        is_active: own?.row.is_active !== 0,
        hidden: own?.meta.hidden === true,
      };
    })
    .sort((a, b) => placeOf(a.id) - placeOf(b.id));
}

/** The workspace's models that a user may use so, newest change first. */
export async function listWorkspaceModels(
  context: Context,
  user: User,
  wanted: Permission,
): Promise<ModelRecord[]> {
  const { store } = context;
  const mayUse = createAccessCheck(store, store.read, user);
  const owners = new Map((await store.users.listUsers(store.read)).map((owner) => [owner.id, owner]));
  const listed: ModelRecord[] = [];
  for (const model of await listKept(context, "workspace")) {
    if (!(await mayUse(model, wanted))) continue;
    listed.push(encodeListedModel(model, await mayUse(model, "write"), owners.get(model.user_id)));
  }
  return listed;
}

/** A page of them, in an order, and how many there are. */
export async function pageWorkspaceModels(context: Context, user: User, order: ModelOrder) {
  const sought = order.query?.toLowerCase() ?? "";
  const found = (await listWorkspaceModels(context, user, "read")).filter(
    (model) =>
      `${model.name}\n${model.id}\n${model.base_model_id}`.toLowerCase().includes(sought) &&
      (!order.tag || tagsOf(model.meta).includes(order.tag)) &&
      (!order.view_option || (model.user_id === user.id) === (order.view_option === "created")),
  );
  const { order_by: key } = order;
  if (key) {
    const sign = order.direction === "desc" ? -1 : 1;
    const by = (model: ModelRecord) => String(model[key]);
    found.sort((a, b) => sign * by(a).localeCompare(by(b), "en", { numeric: true }));
  }
  const start = ((order.page ?? 1) - 1) * PAGE_SIZE;
  return { items: found.slice(start, start + PAGE_SIZE), total: found.length };
}

/** What is kept of models, newest change first: of the workspace's, or of the providers'. */
async function listKept({ store }: Context, kind: "workspace" | "settings" | "all"): Promise<ModelTable[]> {
  return (await store.models.listModels(store.read))
    .filter(({ base_model_id: base }) => kind === "all" || (base === null) === (kind === "settings"))
    .sort((a, b) => b.updated_at_sec - a.updated_at_sec);
}

/** The settings of providers' models, for administrators. */
export async function listModelSettings(context: Context): Promise<ModelRecord[]> {
  return (await listKept(context, "settings")).map((model) => encodeModel(model, true));
}

/** All that is kept of models, for administrators; of these ids where some are named. */
export async function exportModels(context: Context, ids: readonly string[]): Promise<ModelRecord[]> {
  return (await listKept(context, "all"))
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .map((model) => encodeModel(model, true));
}

/** The tags of the workspace's models that a user may use, or of the settings of providers' models, each once. */
export async function listModelTags(context: Context, user: User, kind: "workspace" | "settings") {
  const { store } = context;
  const mayUse = createAccessCheck(store, store.read, user);
  const names = new Set<string>();
  for (const model of await listKept(context, kind)) {
    if (await mayUse(model, "read")) for (const name of tagsOf(JSON.parse(model.meta_json))) names.add(name);
  }
  return [...names].sort();
}

function tagsOf(meta: unknown): string[] {
  const { tags } = meta as { tags?: unknown };
  if (!Array.isArray(tags)) return [];
  return tags.flatMap((tag: { name?: unknown } | null) => (typeof tag?.name === "string" ? [tag.name] : []));
}

/**
 * What is known of a model that the user may ask; one that is switched off, or whose base is away, those who may change it
 * read, too. @throws OffstageError `not_found`
 */
export async function readModel(context: Context, user: User, id: string): Promise<ModelInformation> {
  const { store } = context;
  const { entries, settings } = await context.models.kept();
  const askable = await context.models.find(id);
  const entry = askable ? askable.entry : entries.get(id);
  if (!entry) {
    if (!askable) throw modelNotFound(id);
    const { model } = askable;
    return {
      id,
      user_id: null,
      name: model.name,
      model: id,
      base_model_id: id,
      meta: metaOf(model, undefined, settings),
      params: {},
      access_control: null,
      is_active: true,
      created_at: model.createdAtSec,
      updated_at: model.createdAtSec,
    };
  }
  const mayUse = createAccessCheck(store, store.read, user);
  const isWritable = await mayUse(entry.row, "write");
  if (!isWritable && !(askable && (await mayUse(entry.row, "read")))) throw modelNotFound(id);
  const record = encodeModel(entry.row, isWritable) as ModelInformation;
  const meta = askable && metaOf(askable.model, entry, settings);
  const { context_length, max_output_tokens } = meta ?? {};
  return {
    ...record,
    model: id,
    meta: {
      ...record.meta,
      ...(typeof context_length === "number" ? { context_length } : {}),
      ...(typeof max_output_tokens === "number" ? { max_output_tokens } : {}),
    },
  };
}
