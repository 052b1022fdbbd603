import * as z from "zod";
import type { MemoryTable } from "../../db/schema.ts";
import * as memories from "../use-cases/memories.ts";
import { Done, defineRoute, json, type Route } from "./route.ts";

const about = { tag: "memories", access: "user" } as const;

const Content = z.string().trim().min(1).max(10_000);
const Type = z.string().trim().min(1).max(64).nullish();

const Memory = z
  .looseObject({
    id: z.string(),
    user_id: z.string(),
    type: z.string(),
    content: z.string(),
    created_at: z.number(),
    updated_at: z.number(),
  })
  .meta({ id: "Memory", description: "Something that a user wants models to know; times in seconds" });

function encodeMemory({ id, user_id, type, content, created_at_sec, updated_at_sec }: MemoryTable) {
  return {
    id,
    user_id,
    type,
    path: null,
    content,
    meta: { created_by: "manual" },
    created_at: created_at_sec,
    updated_at: updated_at_sec,
  };
}

export const memoryRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/memories/",
    summary: "The user's memories, in the order of their making.",
    answer: z.array(Memory),
    handle: async ({ context, identity }) =>
      json((await memories.listMemories(context, identity.user)).map(encodeMemory)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/memories/add",
    summary: "Keeps a memory.",
    body: z.looseObject({ content: Content, type: Type }),
    answer: Memory,
    handle: async ({ context, identity, body }) =>
      json(encodeMemory(await memories.addMemory(context, identity.user, body))),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/memories/query",
    summary:
      "The `k` memories nearest to a text, one by default: by meaning where there is an embedder, else by words.",
    body: z.looseObject({ content: Content, k: z.number().int().min(1).max(100).nullish() }),
    answer: z.looseObject({ ids: z.array(z.array(z.string())), distances: z.array(z.array(z.number())) }),
    handle: async ({ context, identity, body }) => {
      const asked = { content: body.content, count: body.k ?? 1 };
      const found = await memories.searchMemories(context, identity.user, asked);
      return json({
        ids: [found.map(({ memory }) => memory.id)],
        documents: [found.map(({ memory }) => memory.content)],
        metadatas: [
          found.map(({ memory }) => ({
            type: memory.type,
            created_at: memory.created_at_sec,
            updated_at: memory.updated_at_sec,
          })),
        ],
        distances: [found.map(({ score }) => score)],
      });
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/memories/reset",
    summary: "Has the vectors of the user's memories made anew.",
    answer: Done,
    handle: async ({ context, identity }) => {
      await memories.resetMemoryVectors(context, identity.user);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: "/api/v1/memories/delete/user",
    summary: "Deletes all of the user's memories.",
    answer: Done,
    handle: async ({ context, identity }) => {
      await memories.deleteMemories(context, identity.user);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/memories/:memoryId/update",
    summary: "Gives a memory another text.",
    body: z.looseObject({ content: Content.optional(), type: Type }),
    answer: Memory,
    handle: async ({ context, identity, params, body }) =>
      json(encodeMemory(await memories.changeMemory(context, identity.user, params.memoryId!, body))),
  }),
  defineRoute({
    ...about,
    method: "DELETE",
    path: "/api/v1/memories/:memoryId",
    summary: "Deletes a memory.",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await memories.deleteMemory(context, identity.user, params.memoryId!);
      return json(true);
    },
  }),
];
