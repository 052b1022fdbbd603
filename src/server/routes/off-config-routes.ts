import * as z from "zod";
import { OFF_CONFIGS, type OffConfig } from "./off-configs.ts";
import { defineRoute, json, type Route } from "./route.ts";
import { assertUnchanged } from "./switched-off.ts";

const about = { tag: "absent", access: "admin" } as const;
const Held = z.record(z.string(), z.unknown());

const formRoutes = ({ get, post, about: what, held }: OffConfig): Route[] => [
  defineRoute({
    ...about,
    method: "GET",
    path: get,
    summary: `How it is with ${what}: to be shown only.`,
    answer: Held,
    handle: ({ context }) => json(held(context)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: post,
    summary: `Takes a form that changes nothing of ${what}, and refuses any other by the names of its fields.`,
    body: Held,
    answer: Held,
    handle: ({ context, body }) => {
      const now = held(context);
      assertUnchanged(body, now);
      return json(now);
    },
  }),
];

/** What administrators' pages list of things that are not here, by path. */
const EMPTY: Readonly<Record<string, { what: string; answer: Record<string, unknown> | unknown[] }>> = {
  "/api/v1/evaluations/feedbacks/all": { what: "ratings of answers", answer: [] },
  "/api/v1/evaluations/feedbacks/all/ids": { what: "ratings of answers", answer: [] },
  "/api/v1/evaluations/feedbacks/models": { what: "ratings of answers", answer: [] },
  "/api/v1/evaluations/feedbacks/list": { what: "ratings of answers", answer: { items: [], total: 0 } },
  "/api/v1/evaluations/leaderboard": { what: "ratings of answers", answer: { entries: [] } },
  "/api/v1/analytics/summary": {
    what: "statistics over users",
    answer: { total_messages: 0, total_chats: 0, total_models: 0, total_users: 0 },
  },
  "/api/v1/analytics/models": { what: "statistics over users", answer: { models: [] } },
  "/api/v1/analytics/users": { what: "statistics over users", answer: { users: [] } },
  "/api/v1/analytics/daily": { what: "statistics over users", answer: { data: [] } },
  "/api/v1/analytics/tokens": {
    what: "statistics over users",
    answer: { models: [], total_input_tokens: 0, total_output_tokens: 0, total_tokens: 0 },
  },
  "/api/v1/knowledge/external/connections": { what: "outside collections", answer: { items: [], total: 0 } },
  "/api/v1/pipelines/list": { what: "pipelines", answer: { data: [] } },
  "/api/v1/audio/models": { what: "voices", answer: { models: [] } },
  "/api/v1/audio/voices": { what: "voices", answer: { voices: [] } },
  "/api/v1/images/models": { what: "models for images", answer: [] },
  "/api/events": { what: "events for webhooks", answer: { schema: "", events: [] } },
  "/api/events/webhooks": { what: "webhooks", answer: [] },
};

/** What the pages of administrators' settings ask for, and what is not here. */
export const offConfigRoutes: Route[] = [
  ...OFF_CONFIGS.flatMap(formRoutes),
  ...Object.entries(EMPTY).map(([path, { what, answer }]) =>
    defineRoute({
      ...about,
      method: "GET",
      path,
      summary: `Nothing: there are no ${what} here.`,
      answer: z.union([z.array(z.never()), z.record(z.string(), z.unknown())]),
      handle: () => json(answer),
    }),
  ),
];
