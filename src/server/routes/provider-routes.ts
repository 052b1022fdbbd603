import * as z from "zod";
import { OffstageError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { ConnectionConfig } from "../providers/connection.ts";
import type { ProviderModel } from "../providers/provider.ts";
import {
  changeConnections,
  listConnections,
  listEndpoint,
  tryConnection,
} from "../use-cases/manage-providers.ts";
import { defineRoute, json, type Route } from "./route.ts";

const about = { tag: "providers", access: "admin" } as const;

const Url = z.string().max(2_048);
const Key = z
  .string()
  .trim()
  .max(8_192)
  .regex(/^[\x20-\x7e]*$/, "is not a key: it holds characters that no header can");
const MAX_CONNECTIONS = 100;

/** By place, as text; by address from clients of long ago. */
const Configs = z.record(z.string(), ConnectionConfig);

const ProviderConfig = z
  .looseObject({
    ENABLE_OPENAI_API: z.boolean(),
    OPENAI_API_BASE_URLS: z.array(z.string()),
    OPENAI_API_KEYS: z.array(z.string()),
    OPENAI_API_CONFIGS: z.record(z.string(), z.looseObject({ enable: z.boolean() })),
    failures: z.array(z.string().nullable()),
  })
  .meta({ id: "ProviderConfig" });

function configOf(context: Context) {
  const { enabled, connections } = listConnections(context);
  return {
    ENABLE_OPENAI_API: enabled,
    OPENAI_API_BASE_URLS: connections.map(({ url }) => url),
    OPENAI_API_KEYS: connections.map(({ key }) => key),
    OPENAI_API_CONFIGS: Object.fromEntries(connections.map(({ config }, index) => [String(index), config])),
    failures: connections.map(({ failure }) => failure),
  };
}

const EndpointModels = z.object({
  object: z.literal("list"),
  data: z.array(z.looseObject({ id: z.string() })),
});

const printed = (models: readonly ProviderModel[]) =>
  json({
    object: "list",
    data: models.map((model) => ({
      id: model.id,
      name: model.name,
      object: "model",
      created: model.createdAtSec,
      owned_by: model.ownedBy,
    })),
  });

const Index = z.coerce.number().int().min(0).max(MAX_CONNECTIONS);

function indexOf(text: string | undefined): number {
  const parsed = Index.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new OffstageError("not_found", `There is no connection "${text}": they count from 0.`);
}

const NO_OLLAMA = { ENABLE_OLLAMA_API: false, OLLAMA_BASE_URLS: [], OLLAMA_API_CONFIGS: {} };
const OllamaConfig = z.looseObject({ ENABLE_OLLAMA_API: z.literal(false) });

const noOllama = () =>
  new OffstageError(
    "bad_input",
    "Ollama's own API is not spoken here: add it as an OpenAI connection, with an address such as http://127.0.0.1:11434/v1.",
  );

export const providerRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/openai/config",
    summary:
      "The connections to providers: each secret as a mask that stands for it, and why one could not be asked.",
    answer: ProviderConfig,
    handle: ({ context }) => json(configOf(context)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/openai/config/update",
    summary:
      "Puts other connections in place at once, in their order. A mask keeps the secret that it stands for.",
    body: z.looseObject({
      ENABLE_OPENAI_API: z.boolean().nullish(),
      OPENAI_API_BASE_URLS: z.array(Url).max(MAX_CONNECTIONS),
      OPENAI_API_KEYS: z.array(Key).max(MAX_CONNECTIONS),
      OPENAI_API_CONFIGS: Configs,
    }),
    answer: ProviderConfig,
    handle: async ({ context, body }) => {
      const { OPENAI_API_BASE_URLS: urls, OPENAI_API_KEYS: keys, OPENAI_API_CONFIGS: configs } = body;
      await changeConnections(context, {
        enabled: body.ENABLE_OPENAI_API ?? true,
        connections: urls.map((url, index) => ({
          url,
          key: keys[index] ?? "",
          config: configs[String(index)] ?? configs[url] ?? ConnectionConfig.parse({}),
        })),
      });
      return json(configOf(context));
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/openai/verify",
    summary: "Asks an endpoint for its models, with a key or the mask of a stored one, and keeps nothing.",
    body: z.looseObject({ url: Url, key: Key.default(""), config: ConnectionConfig.nullish() }),
    answer: EndpointModels,
    handle: async ({ context, body: { url, key, config } }) =>
      printed(await tryConnection(context, { url, key, config: config ?? ConnectionConfig.parse({}) })),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/openai/models",
    summary:
      "The models of all providers; for an administrator with `url_idx` all that one connection's endpoint lists.",
    access: "user",
    query: z.object({ url_idx: z.string().optional() }),
    answer: EndpointModels,
    handle: async ({ context, identity, query }) => {
      if (query.url_idx === undefined) return printed(await context.providers.listModels());
      if (identity.user.role !== "admin")
        throw new OffstageError("forbidden", "Only an administrator may ask one connection for its models.");
      return printed(await listEndpoint(context, indexOf(query.url_idx)));
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/openai/models/:index",
    summary: "All that one connection's endpoint lists, without its prefix; connections count from 0.",
    answer: EndpointModels,
    handle: async ({ context, params }) => printed(await listEndpoint(context, indexOf(params.index))),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/ollama/config",
    summary: "No Ollama.",
    answer: OllamaConfig,
    handle: () => json(NO_OLLAMA),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/ollama/config/update",
    summary: "Takes that there is none; refuses one, and says how it is added as an OpenAI connection.",
    body: z.looseObject({ ENABLE_OLLAMA_API: z.boolean().nullish() }),
    answer: OllamaConfig,
    handle: ({ body }) => {
      if (body.ENABLE_OLLAMA_API) throw noOllama();
      return json(NO_OLLAMA);
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/ollama/verify",
    summary: "Refuses, and says how Ollama is added as an OpenAI connection.",
    body: z.looseObject({}),
    handle: () => {
      throw noOllama();
    },
  }),
  defineRoute({
    ...about,
    access: "user",
    method: "GET",
    path: "/ollama/api/tags",
    summary: "No Ollama, and so none of its models.",
    answer: z.object({ models: z.array(z.never()) }),
    handle: () => json({ models: [] }),
  }),
];
