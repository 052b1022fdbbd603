import * as z from "zod";
import type { Provider, ProviderModel } from "./provider.ts";

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]{1,100}$/;
/** Decided by what is sent, and not by who set the connection up. */
const OWN_HEADERS = new Set(["host", "connection", "content-length", "transfer-encoding", "content-type"]);

/** How a connection is used, in the words of Open WebUI's pages; what is not named here is kept and has no effect. */
export const ConnectionConfig = z.looseObject({
  enable: z.boolean().default(true),
  /** Stands before its models' ids, with a full stop. */
  prefix_id: z.string().trim().max(100).nullish(),
  /** The models that are offered; without any, all that the endpoint lists. */
  model_ids: z.array(z.string().min(1).max(512)).max(1_000).nullish(),
  /** Stand at its models. */
  tags: z
    .array(z.looseObject({ name: z.string().max(100) }))
    .max(50)
    .nullish(),
  headers: z
    .record(
      z
        .string()
        .regex(HEADER_NAME, "is not a header's name")
        .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), "is a header that the server sets itself"),
      z
        .string()
        .max(4_096)
        .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "is not a header's value"),
    )
    .nullish(),
});
export type ConnectionConfig = z.infer<typeof ConnectionConfig>;

/** An OpenAI-compatible endpoint as an administrator set it up. */
export interface Connection {
  url: string;
  /** Empty where the endpoint wants none. */
  apiKey: string;
  config: ConnectionConfig;
}

const DOTTED = (prefix: string | null | undefined) => (prefix ? `${prefix}.` : "");

/** A model that is offered by its id alone. */
const namedModel = (id: string): ProviderModel => ({
  id,
  name: id,
  ownedBy: "openai",
  createdAtSec: 0,
  capabilities: [],
});

/**
 * A provider as a connection wants it seen: its models, their ids with its prefix, their tags. Closing it closes `endpoint`.
 */
export function createConnectionProvider(endpoint: Provider, config: ConnectionConfig): Provider {
  const prefix = DOTTED(config.prefix_id);
  const tags = (config.tags ?? []).map(({ name }) => name);
  const named = config.model_ids ?? [];
  const asEndpointHasIt = <Request extends { model: string }>(request: Request): Request =>
    request.model.startsWith(prefix) ? { ...request, model: request.model.slice(prefix.length) } : request;
  const { embed } = endpoint;
  return {
    name: endpoint.name,
    async listModels(signal) {
      const models = named.length > 0 ? named.map(namedModel) : await endpoint.listModels(signal);
      return models.map((model) => ({
        ...model,
        id: prefix + model.id,
        ...(tags.length > 0 ? { tags } : {}),
      }));
    },
    complete: (request, signal, watch) => endpoint.complete(asEndpointHasIt(request), signal, watch),
    ...(embed ? { embed: (request, signal) => embed(asEndpointHasIt(request), signal) } : {}),
    depths: () => endpoint.depths?.() ?? {},
    close: () => endpoint.close(),
  };
}
