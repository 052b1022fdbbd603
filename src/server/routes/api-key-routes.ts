import * as z from "zod";
import type { ApiKeyFacts } from "../store/api-key-store.ts";
import * as keys from "../use-cases/api-keys.ts";
import { Name } from "./auth-routes.ts";
import { Done, defineRoute, json, type Route } from "./route.ts";

const about = { tag: "auth", access: "user" } as const;

const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().nullable().describe("The key's first characters; null where they were not kept."),
    is_main: z.boolean().describe("Whether it is the one of `/api/v1/auths/api_key`."),
    created_at: z.number(),
    last_used_at: z.number().nullable().describe("To a minute or so."),
  })
  .meta({ id: "ApiKey", description: "What is shown of an API key." });

const wireKey = (key: ApiKeyFacts): z.infer<typeof ApiKey> => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  is_main: key.is_main === 1,
  created_at: key.created_at_sec,
  last_used_at: key.last_used_at_sec,
});

const MAIN = "/api/v1/auths/api_key";
const ALL = "/api/v1/auths/api_keys";

/** The one key that Open WebUI's API knows, and the named ones of this server's own. */
export const apiKeyRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "POST",
    path: MAIN,
    summary: "Makes the user's API key, in place of a former one. It is shown only here.",
    answer: z.object({ api_key: z.string() }),
    handle: async ({ context, identity }) =>
      json({ api_key: await keys.replaceMainApiKey(context, identity.user) }),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: MAIN,
    summary: "Whether there is an API key. The key itself is kept only as a hash and cannot be shown again.",
    answer: z.object({ api_key: z.null(), exists: z.boolean() }),
    handle: async ({ context, identity }) =>
      json({ api_key: null, exists: await keys.hasMainApiKey(context, identity.user) }),
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: MAIN,
    summary: "Makes the user's API key void.",
    answer: Done,
    handle: async ({ context, identity }) => json(await keys.deleteMainApiKey(context, identity.user)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: ALL,
    summary: "All API keys of the user, oldest first; never the keys themselves.",
    answer: z.array(ApiKey),
    handle: async ({ context, identity }) =>
      json((await keys.listApiKeys(context, identity.user)).map(wireKey)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: ALL,
    summary: "Makes a further API key under a name. The key is shown only here.",
    body: z.looseObject({ name: Name }),
    answer: ApiKey.extend({ api_key: z.string() }),
    handle: async ({ context, identity, body }) => {
      const { key, row } = await keys.addApiKey(context, identity.user, body.name);
      return json({ ...wireKey(row), api_key: key });
    },
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: `${ALL}/:keyId`,
    summary: "Makes one of the user's API keys void.",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await keys.deleteApiKey(context, identity.user, params.keyId!);
      return json(true);
    },
  }),
];
