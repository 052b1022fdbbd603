import * as z from "zod";
import { AccessForm } from "../../contract/access.ts";
import { ManagedModel, ModelForm, ModelId, ModelsForm } from "../../contract/model-form.ts";
import * as models from "../use-cases/manage-models.ts";
import * as lists from "../use-cases/read-models.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

const about = { tag: "models", access: "user" } as const;

const IdQuery = z.object({ id: ModelId });
const IdForm = z.looseObject({ id: ModelId });

const tagsRoute = (path: string, kind: "workspace" | "settings", access: "user" | "admin") =>
  defineRoute({
    ...about,
    access,
    method: "GET",
    path,
    summary: `The tags of ${kind === "workspace" ? "the workspace's models" : "providers' models"}, each once.`,
    answer: z.array(z.string()),
    handle: async ({ context, identity }) => json(await lists.listModelTags(context, identity.user, kind)),
  });

export const workspaceModelRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/models/",
    summary: "The workspace's models that the user may change.",
    answer: z.array(ManagedModel),
    handle: async ({ context, identity }) =>
      json(await lists.listWorkspaceModels(context, identity.user, "write")),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/models/list",
    summary:
      "The workspace's models that the user may ask, 30 a page, as later versions' web UIs look through them.",
    query: PageQuery.extend({
      query: z.string().max(1_000).optional(),
      tag: z.string().max(1_000).optional(),
      view_option: z.enum(["created", "shared"]).optional().catch(undefined),
      order_by: z.enum(["name", "created_at", "updated_at"]).optional().catch(undefined),
      direction: z.enum(["asc", "desc"]).optional().catch(undefined),
    }),
    answer: z.object({ items: z.array(ManagedModel), total: z.number() }),
    handle: async ({ context, identity, query }) =>
      json(await lists.pageWorkspaceModels(context, identity.user, query)),
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "GET",
    path: "/api/v1/models/base",
    summary: "What is set for providers' models.",
    answer: z.array(ManagedModel),
    handle: async ({ context }) => json(await lists.listModelSettings(context)),
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "GET",
    path: "/api/v1/models/all",
    summary: "All that is kept of models: the workspace's, and what is set for providers'.",
    answer: z.array(ManagedModel),
    handle: async ({ context }) => json(await lists.exportModels(context, [])),
  }),
  tagsRoute("/api/v1/models/tags", "workspace", "user"),
  tagsRoute("/api/v1/models/base/tags", "settings", "admin"),
  defineRoute({
    ...about,
    access: "admin",
    method: "GET",
    path: "/api/v1/models/export",
    summary: "All that is kept of models; with `ids` (commas between them) of these.",
    query: z.object({ ids: z.string().max(100_000).default("") }),
    answer: z.array(ManagedModel),
    handle: async ({ context, query }) => {
      const ids = query.ids.split(",").filter((id) => id !== "");
      return json(await lists.exportModels(context, ids));
    },
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "POST",
    path: "/api/v1/models/import",
    summary: "Takes over models of an export: those that are there are changed, the others made.",
    body: ModelsForm,
    answer: Done,
    handle: async ({ context, identity, body }) => {
      await models.importModels(context, identity.user, body.models);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "POST",
    path: "/api/v1/models/sync",
    summary: "The same, and all others are deleted.",
    body: ModelsForm,
    answer: z.array(ManagedModel),
    handle: async ({ context, identity, body }) =>
      json(await models.syncModels(context, identity.user, body.models)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/models/create",
    summary:
      "Makes a workspace model; without a base, settings of the provider's model with that id (administrators).",
    body: ModelForm,
    answer: ManagedModel,
    handle: async ({ context, identity, body }) =>
      json(await models.createModel(context, identity.user, body)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/models/model/update",
    summary:
      "Changes a model, named by `?id=` or by the body; its access where the body says something of it.",
    query: IdQuery.partial(),
    body: ModelForm,
    answer: ManagedModel,
    handle: async ({ context, identity, query, body }) =>
      json(await models.updateModel(context, identity.user, query.id ?? body.id, body)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/models/model/access/update",
    summary: "Changes who else may use a model.",
    body: AccessForm.extend({ id: ModelId }),
    answer: ManagedModel,
    handle: async ({ context, identity, body }) =>
      json(await models.shareModel(context, identity.user, body.id, body)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/models/model/toggle",
    summary: "Switches a model off, or on again.",
    query: IdQuery,
    answer: ManagedModel,
    handle: async ({ context, identity, query }) =>
      json(await models.toggleModel(context, identity.user, query.id)),
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: "/api/v1/models/model/delete",
    summary: "Deletes a model, or settings of a provider's model (0.6.15).",
    query: IdQuery,
    answer: Done,
    handle: async ({ context, identity, query }) => {
      await models.deleteModel(context, identity.user, query.id);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/models/model/delete",
    summary: "The same, named by the body (later versions).",
    body: IdForm,
    answer: Done,
    handle: async ({ context, identity, body }) => {
      await models.deleteModel(context, identity.user, body.id);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "DELETE",
    path: "/api/v1/models/delete/all",
    summary: "Deletes all workspace models, and all settings of providers' models.",
    answer: Done,
    handle: async ({ context }) => {
      await models.deleteAllModels(context);
      return json(true);
    },
  }),
];
