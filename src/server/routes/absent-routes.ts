import * as z from "zod";
import { OPEN_WEBUI_VERSION } from "../../contract/versions.ts";
import { OffstageError } from "../../errors.ts";
import { defineRoute, json, PageQuery, type Route } from "./route.ts";

/** Things of Open WebUI's that this server has none of, and whose lists its web UIs ask for on every page. */
const EMPTY_LISTS: Readonly<Record<string, string>> = {
  "/api/v1/tools/": "tools",
  "/api/v1/tools/list": "tools",
  "/api/v1/functions/": "functions",
  "/api/v1/functions/list": "functions",
  "/api/v1/skills/": "skills",
  "/api/v1/channels/": "channels",
  "/api/v1/notes/": "notes",
  "/api/v1/notes/pinned": "notes",
  "/api/v1/terminals/": "terminals",
  "/api/v1/models/model/history": "versions of models",
};

/** The same of things that 0.12.4 asks for by pages, with `page`. */
const EMPTY_PAGES: Readonly<Record<string, string>> = {
  "/api/v1/skills/list": "skills",
};

/** Where web UIs have a page of the web fetched for a chat. */
const WEB_PAGES = ["/api/v1/retrieval/process/web", "/api/v1/retrieval/process/url"];

const about = { tag: "absent", method: "GET" } as const;

const emptyList = ([path, things]: [string, string]) =>
  defineRoute({
    ...about,
    path,
    summary: `An empty list: there are no ${things} here.`,
    access: "user",
    answer: z.array(z.never()),
    handle: () => json([]),
  });

const emptyPage = ([path, things]: [string, string]) =>
  defineRoute({
    ...about,
    path,
    summary: `An empty list, with \`page\` an empty page: there are no ${things} here.`,
    access: "user",
    query: PageQuery,
    answer: z.union([z.array(z.never()), z.object({ items: z.array(z.never()), total: z.literal(0) })]),
    handle: ({ query }) => json(query.page === undefined ? [] : { items: [], total: 0 }),
  });

const webPageRefusal = (path: string) =>
  defineRoute({
    ...about,
    method: "POST",
    path,
    summary: "Always a 400: pages of the web are not fetched.",
    access: "user",
    handle: () => {
      throw new OffstageError(
        "bad_input",
        "This server fetches no pages of the web: save the page as a file, and upload that.",
      );
    },
  });

/** What web UIs ask for without need of an answer, or where a refusal would show in their console. */
export const absentRoutes: Route[] = [
  ...Object.entries(EMPTY_LISTS).map(emptyList),
  ...Object.entries(EMPTY_PAGES).map(emptyPage),
  ...WEB_PAGES.map(webPageRefusal),
  defineRoute({
    ...about,
    path: "/api/v1/notes/search",
    summary: "An empty page: there are no notes here.",
    access: "user",
    answer: z.object({ items: z.array(z.never()), total: z.literal(0) }),
    handle: () => json({ items: [], total: 0 }),
  }),
  defineRoute({
    ...about,
    path: "/api/changelog",
    summary: "No news of Open WebUI's versions.",
    access: "anyone",
    answer: z.object({}),
    handle: () => json({}),
  }),
  defineRoute({
    ...about,
    path: "/api/version/updates",
    summary: "No newer version: nobody is asked.",
    access: "user",
    answer: z.object({ current: z.string(), latest: z.string() }),
    handle: ({ context }) => {
      const version = context.webUi?.version ?? OPEN_WEBUI_VERSION;
      return json({ current: version, latest: version });
    },
  }),
  defineRoute({
    ...about,
    path: "/ollama/api/version",
    summary: "No Ollama.",
    access: "anyone",
    answer: z.object({ version: z.literal(false) }),
    handle: () => json({ version: false }),
  }),
  defineRoute({
    ...about,
    path: "/api/v1/auths/mfa/status",
    summary: "No second factor.",
    access: "user",
    answer: z.looseObject({ enabled: z.literal(false) }),
    handle: () => json({ enabled: false, required: false, recovery_codes_remaining: 0 }),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/auths/update/timezone",
    summary: "Takes note of nothing: no time is written in anybody's zone here.",
    access: "user",
    answer: z.object({ status: z.literal(true) }),
    handle: () => json({ status: true }),
  }),
];
