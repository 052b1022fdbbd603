import { z } from "zod";
import { OffstageError } from "../../errors.ts";
import { defineRoute, json, type Route } from "./route.ts";

const notOffered = (id: string | undefined) =>
  new OffstageError("not_found", `The collection "${id}" was not found: this server keeps no knowledge.`);

const lookRoute = (path: string) =>
  defineRoute({
    method: "GET",
    path,
    summary: "A knowledge collection. This server keeps none, and says so.",
    tag: "knowledge",
    access: "user",
    handle: ({ params }) => {
      throw notOffered(params.id);
    },
  });

export const knowledgeRoutes: Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/v1/knowledge/",
    summary: "The user's knowledge collections: none.",
    tag: "knowledge",
    access: "user",
    answer: z.object({ items: z.array(z.never()), total: z.literal(0) }),
    handle: () => json({ items: [], total: 0 }),
  }),
  lookRoute("/api/v1/knowledge/:id"),
  lookRoute("/api/v1/knowledge/:id/files"),
];
