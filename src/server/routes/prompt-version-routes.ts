import * as z from "zod";
import { Id } from "../../contract/ids.ts";
import { encodeListedVersion, encodePrompt, encodeVersion } from "../use-cases/prompt-document.ts";
import * as versions from "../use-cases/prompt-versions.ts";
import { restorePrompt } from "../use-cases/prompts.ts";
import { prefixOf } from "./prompt-routes.ts";
import { Done, defineRoute, json, type Route } from "./route.ts";

const about = { tag: "prompts", access: "user" } as const;
const PATH = "/api/v1/prompts/id/:promptId";

const Version = z
  .looseObject({
    id: z.string(),
    prompt_id: z.string(),
    parent_id: z.string().nullable(),
    snapshot: z.looseObject({ name: z.string(), content: z.string() }),
    commit_message: z.string().nullable(),
    created_at: z.number(),
  })
  .meta({ id: "PromptVersion", description: "A prompt as it was once" });

/** Pages count versions from 0. */
const HistoryQuery = z.object({ page: z.coerce.number().int().min(0).max(1_000_000).default(0) });

export const promptVersionRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: `${PATH}/history`,
    summary: "A prompt's versions, newest first, 20 a page; pages count from 0.",
    query: HistoryQuery,
    answer: z.array(Version),
    handle: async ({ context, identity, params, query }) => {
      const key = { id: params.promptId! };
      const rows = await versions.listVersions(context, identity.user, key, query.page);
      return json(rows.map(({ version, maker }) => encodeListedVersion(version, maker)));
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: `${PATH}/history/:versionId`,
    summary: "A version of a prompt.",
    answer: Version,
    handle: async ({ context, identity, params }) => {
      const key = { id: params.promptId! };
      return json(encodeVersion(await versions.readVersion(context, identity.user, key, params.versionId!)));
    },
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: `${PATH}/history/:versionId`,
    summary: "Deletes a version, unless it is what the prompt is now.",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await versions.deleteVersion(context, identity.user, { id: params.promptId! }, params.versionId!);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: `${PATH}/update/version`,
    summary: "Brings a version of a prompt back.",
    body: z.looseObject({ version_id: Id }),
    answer: z.looseObject({ id: z.string(), version_id: z.string() }),
    handle: async ({ context, identity, params, body }) => {
      const key = { id: params.promptId! };
      const prompt = await restorePrompt(context, identity.user, key, body.version_id);
      return json(encodePrompt(prompt, prefixOf(context)));
    },
  }),
];
