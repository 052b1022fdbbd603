import * as z from "zod";
import { AccessForm } from "../../contract/access.ts";
import type { Context, User } from "../context.ts";
import type { PromptKey } from "../use-cases/prompt-access.ts";
import { commandPrefix, encodeListedPrompt, encodePrompt } from "../use-cases/prompt-document.ts";
import * as prompts from "../use-cases/prompts.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

const about = { tag: "prompts", access: "user" } as const;

const PAGE_SIZE = 30;

const Command = z
  .string()
  .max(128)
  .regex(/^\/?[^\s/\u0000-\u001f\u007f-\u009f]+$/u, "must be one word without a slash in it");
const Name = z.string().trim().min(1).max(256);
const Facts = z.record(z.string(), z.unknown()).nullish();

const changes = {
  command: Command.optional(),
  name: Name.optional(),
  /** What earlier versions call the name. */
  title: Name.optional(),
  content: z.string().max(1_000_000).optional(),
  tags: z.array(z.string().trim().min(1).max(128)).max(64).nullish(),
  data: Facts,
  meta: Facts,
  commit_message: z.string().max(1_000).nullish(),
  is_production: z.boolean().nullish(),
};
const named = <Form extends { name?: string | undefined; title?: string | undefined }>(form: Form) => ({
  ...form,
  name: form.name ?? form.title,
});
const ChangeForm = AccessForm.extend(changes).transform(named);
const NewForm = AccessForm.extend({ ...changes, command: Command, content: changes.content.unwrap() })
  .refine(({ name, title }) => name ?? title, { path: ["name"], message: "Give it a name." })
  .transform((form) => ({ ...form, name: (form.name ?? form.title)! }));
const LabelForm = z
  .looseObject({ command: Command.optional(), name: changes.name, tags: changes.tags })
  .meta({ id: "PromptLabels" });

const Prompt = z
  .looseObject({
    id: z.string(),
    command: z.string(),
    user_id: z.string(),
    name: z.string(),
    title: z.string(),
    content: z.string(),
    tags: z.array(z.string()),
    is_active: z.boolean(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "Prompt", description: "A text that people call up by a command; times in seconds" });

const ListQuery = PageQuery.extend({
  query: z.string().max(1_000).optional(),
  tag: z.string().max(128).optional(),
  view_option: z.enum(["created", "shared"]).optional().catch(undefined),
  order_by: z.enum(["name", "created_at", "updated_at"]).optional().catch(undefined),
  direction: z.enum(["asc", "desc"]).optional().catch(undefined),
});
type ListQuery = z.infer<typeof ListQuery>;

/** Commands as the served web UI has them. */
export const prefixOf = ({ webUi }: Context) => commandPrefix(webUi?.version ?? null);

async function listPage(context: Context, user: User, query: ListQuery) {
  const sought = query.query?.toLowerCase() ?? "";
  const found = (await prompts.listPrompts(context, user, "read")).filter(
    ({ prompt }) =>
      `/${prompt.command}\n${prompt.name}\n${prompt.content}`.toLowerCase().includes(sought) &&
      (!query.tag || (JSON.parse(prompt.tags_json) as string[]).includes(query.tag)) &&
      (!query.view_option || (prompt.user_id === user.id) === (query.view_option === "created")),
  );
  const field = { name: "name", created_at: "created_at_sec", updated_at: "updated_at_sec" } as const;
  const by = field[query.order_by ?? "updated_at"];
  const direction = query.direction ?? (query.order_by === "name" ? "asc" : "desc");
  const sign = direction === "asc" ? 1 : -1;
  found.sort((a, b) => (a.prompt[by] < b.prompt[by] ? -sign : a.prompt[by] > b.prompt[by] ? sign : 0));
  const start = ((query.page ?? 1) - 1) * PAGE_SIZE;
  return {
    items: found.slice(start, start + PAGE_SIZE).map((row) => encodeListedPrompt(row, prefixOf(context))),
    total: found.length,
  };
}

/** The routes of one prompt that both generations of pages have, each under its own paths. */
function routesOf(path: string, keyOf: (params: Record<string, string>) => PromptKey): Route[] {
  return [
    defineRoute({
      ...about,
      method: "GET",
      path,
      summary: "A prompt.",
      answer: Prompt,
      handle: async ({ context, identity, params }) =>
        json(
          encodeListedPrompt(
            await prompts.readPrompt(context, identity.user, keyOf(params)),
            prefixOf(context),
          ),
        ),
    }),
    defineRoute({
      ...about,
      method: "POST",
      path: `${path}/update`,
      summary: "Changes a prompt; a change of what it says makes a version of it.",
      body: ChangeForm as unknown as z.ZodType<prompts.PromptChange>,
      answer: Prompt,
      handle: async ({ context, identity, params, body }) =>
        json(
          encodePrompt(
            await prompts.changePrompt(context, identity.user, keyOf(params), body),
            prefixOf(context),
          ),
        ),
    }),
    defineRoute({
      ...about,
      method: "DELETE",
      path: `${path}/delete`,
      summary: "Deletes a prompt with its versions.",
      answer: Done,
      handle: async ({ context, identity, params }) => {
        await prompts.deletePrompt(context, identity.user, keyOf(params));
        return json(true);
      },
    }),
  ];
}

export const promptRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/prompts/",
    summary: "The prompts that are offered to the user, by command.",
    answer: z.array(Prompt),
    handle: async ({ context, identity }) => {
      const rows = await prompts.listPrompts(context, identity.user, "read");
      const offered = rows.filter(({ prompt }) => prompt.is_active === 1);
      return json(offered.map((row) => encodeListedPrompt(row, prefixOf(context))));
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/prompts/list",
    summary:
      "The prompts that the user may change; with `page` (30 a page) `{items, total}` of those that the user may read, by `query`, `tag`, `view_option`, `order_by` and `direction`.",
    query: ListQuery,
    answer: z.union([z.array(Prompt), z.object({ items: z.array(Prompt), total: z.number() })]),
    handle: async ({ context, identity, query }) => {
      if (query.page !== undefined) return json(await listPage(context, identity.user, query));
      const rows = await prompts.listPrompts(context, identity.user, "write");
      return json(rows.map((row) => encodeListedPrompt(row, prefixOf(context))));
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/prompts/tags",
    summary: "Every tag of the prompts that the user may read.",
    answer: z.array(z.string()),
    handle: async ({ context, identity }) => {
      const rows = await prompts.listPrompts(context, identity.user, "read");
      const tags = rows.flatMap(({ prompt }) => JSON.parse(prompt.tags_json) as string[]);
      return json([...new Set(tags)].sort());
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/prompts/create",
    summary: "Makes a prompt; without a word on access only its owner may use it.",
    body: NewForm,
    answer: Prompt,
    handle: async ({ context, identity, body }) =>
      json(encodePrompt(await prompts.createPrompt(context, identity.user, body), prefixOf(context))),
  }),
  ...routesOf("/api/v1/prompts/command/:command", ({ command }) => ({ command: command! })),
  ...routesOf("/api/v1/prompts/id/:promptId", ({ promptId }) => ({ id: promptId! })),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/prompts/id/:promptId/update/meta",
    summary: "Changes a prompt's command, name and tags, without a version of it.",
    body: LabelForm,
    answer: Prompt,
    handle: async ({ context, identity, params, body }) =>
      json(
        encodePrompt(
          await prompts.relabelPrompt(context, identity.user, { id: params.promptId! }, body),
          prefixOf(context),
        ),
      ),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/prompts/id/:promptId/access/update",
    summary: "Changes who else may use a prompt.",
    body: AccessForm,
    answer: Prompt,
    handle: async ({ context, identity, params, body }) =>
      json(
        encodePrompt(
          await prompts.sharePrompt(context, identity.user, { id: params.promptId! }, body),
          prefixOf(context),
        ),
      ),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/prompts/id/:promptId/toggle",
    summary: "Offers a prompt, or keeps it without offering it.",
    answer: Prompt,
    handle: async ({ context, identity, params }) =>
      json(
        encodePrompt(
          await prompts.togglePrompt(context, identity.user, { id: params.promptId! }),
          prefixOf(context),
        ),
      ),
  }),
];
