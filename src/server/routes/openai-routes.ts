import * as z from "zod";
import { ModelListItem } from "../../contract/model.ts";
import { refusedReply } from "../answers/provider-failure.ts";
import { embedTexts } from "../use-cases/embed-texts.ts";
import { printModel } from "../use-cases/read-models.ts";
import { defineRoute, json, type Route } from "./route.ts";

const MAX_TEXTS = 2_048;

const EmbeddingsForm = z
  .object({
    model: z.string().min(1).max(1024),
    input: z.union([
      z.string().min(1),
      z.array(z.string().min(1)).min(1).max(MAX_TEXTS),
      z.array(z.int()).min(1),
      z.array(z.array(z.int()).min(1)).min(1).max(MAX_TEXTS),
    ]),
    encoding_format: z.enum(["float", "base64"]).optional(),
    dimensions: z.int().min(1).optional(),
    user: z.string().optional(),
  })
  .meta({ id: "EmbeddingsForm" });

const Embeddings = z.looseObject({ object: z.literal("list"), data: z.array(z.looseObject({})) });

const embeddingsRoute = (path: string) =>
  defineRoute({
    method: "POST",
    path,
    summary: "Vectors of texts, by a provider's model, or by the server's own embedder under its name.",
    tag: "completions",
    access: "user",
    body: EmbeddingsForm,
    answer: Embeddings,
    handle: async ({ context, identity, body, http }) => {
      const response = await embedTexts(context, identity, body, http.req.raw.signal);
      if (response.status >= 400) throw refusedReply(response);
      return json(response.body);
    },
  });

const retrieveRoute = (path: string) =>
  defineRoute({
    method: "GET",
    path,
    summary: "One model, as OpenAI's clients retrieve it.",
    tag: "models",
    access: "user",
    answer: ModelListItem,
    handle: async ({ context, identity, params }) =>
      json(await printModel(context, identity.user, params.modelId!)),
  });

/**
 * What OpenAI's clients ask for beside completions and the list of models. These stand after all other routes: any last
 * part of a path may be a model's id.
 */
export const openAiRoutes: Route[] = [
  embeddingsRoute("/api/embeddings"),
  embeddingsRoute("/api/v1/embeddings"),
  embeddingsRoute("/openai/embeddings"),
  retrieveRoute("/api/models/:modelId"),
  retrieveRoute("/api/v1/models/:modelId"),
];
