import { z } from "zod";
import { ModelInformation, ModelListItem } from "../../contract/model.ts";
import { OffstageError } from "../../errors.ts";
import type { ProviderModel } from "../providers/provider.ts";
import { defineRoute, json, type Route } from "./route.ts";

/** A model as lists and OpenAI's clients have it. */
export const listItem = (model: ProviderModel) => ({
  id: model.id,
  name: model.name,
  object: "model",
  created: model.createdAtSec,
  owned_by: model.ownedBy,
  info: { meta: modelMeta(model) },
  actions: [],
  filters: [],
  tags: (model.tags ?? []).map((name) => ({ name })),
});

const modelMeta = (model: ProviderModel) => ({
  description: model.description ?? null,
  capabilities: model.capabilities.length > 0 ? model.capabilities : ["text"],
  ...(model.contextLength ? { context_length: model.contextLength } : {}),
  ...(model.maxOutputTokens ? { max_output_tokens: model.maxOutputTokens } : {}),
});

const ModelList = z.looseObject({ object: z.literal("list"), data: z.array(ModelListItem) });

const listRoute = (path: string) =>
  defineRoute({
    method: "GET",
    path,
    summary: "The models of all providers.",
    tag: "models",
    access: "user",
    answer: ModelList,
    handle: async ({ context }) => {
      const models = await context.providers.listModels();
      return json({ object: "list", data: models.map(listItem) });
    },
  });

export const modelRoutes: Route[] = [
  listRoute("/api/models"),
  listRoute("/api/v1/models"),
  defineRoute({
    method: "GET",
    path: "/api/v1/models/model",
    summary: "What is known of a model (tutorial, 'Fetch Model Information').",
    tag: "models",
    access: "user",
    query: z.object({ id: z.string().min(1).max(1024) }),
    answer: ModelInformation,
    handle: async ({ context, query }) => {
      const found = await context.providers.find(query.id);
      if (!found) {
        throw new OffstageError(
          "not_found",
          `Model not found: "${query.id}". GET /api/models lists those that there are.`,
        );
      }
      const { model } = found;
      return json({
        id: model.id,
        user_id: null,
        name: model.name,
        model: model.id,
        base_model_id: model.id,
        meta: modelMeta(model),
        params: {},
        access_control: null,
        is_active: true,
        created_at: model.createdAtSec,
        updated_at: model.createdAtSec,
      });
    },
  }),
];
