import * as z from "zod";
import { ModelInformation, ModelListItem } from "../../contract/model.ts";
import { ModelId, ModelSettings, ModelSettingsForm } from "../../contract/model-form.ts";
import { changeModelSettings, readModelSettings } from "../use-cases/model-settings.ts";
import { listBaseModels, printModelList, readModel } from "../use-cases/read-models.ts";
import { defineRoute, json, type Route } from "./route.ts";

const about = { tag: "models", access: "user" } as const;

const ModelList = z.looseObject({ object: z.literal("list"), data: z.array(ModelListItem) });

const listRoute = (path: string) =>
  defineRoute({
    ...about,
    method: "GET",
    path,
    summary: "The models that the user may ask: the providers', and the workspace's.",
    answer: ModelList,
    handle: async ({ context, identity }) => json(await printModelList(context, identity.user)),
  });

export const modelRoutes: Route[] = [
  listRoute("/api/models"),
  listRoute("/api/v1/models"),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/models/base",
    access: "admin",
    summary: "The providers' models without what is set for them, those that are switched off, too.",
    answer: z.looseObject({ data: z.array(ModelListItem) }),
    handle: async ({ context }) => json({ data: await listBaseModels(context) }),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/models/model",
    summary: "What is known of a model (tutorial, 'Fetch Model Information').",
    query: z.object({ id: ModelId }),
    answer: ModelInformation,
    handle: async ({ context, identity, query }) => json(await readModel(context, identity.user, query.id)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/configs/models",
    access: "admin",
    summary: "What is set for all models: which are chosen at first, which are pinned, their order.",
    answer: ModelSettings,
    handle: async ({ context }) => json(await readModelSettings(context)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/configs/models",
    access: "admin",
    summary: "Changes what the body names of it; null takes it back.",
    body: ModelSettingsForm,
    answer: ModelSettings,
    handle: async ({ context, body }) => json(await changeModelSettings(context, body)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/configs/models/defaults",
    summary: "The facts that hold for every model which says nothing else.",
    answer: ModelSettings.pick({ DEFAULT_MODEL_METADATA: true }),
    handle: async ({ context }) => {
      const { DEFAULT_MODEL_METADATA } = await readModelSettings(context);
      return json({ DEFAULT_MODEL_METADATA });
    },
  }),
];
