import * as z from "zod";
import { AccessForm } from "../../contract/access.ts";
import { KnowledgeFileForm, KnowledgeForm, KnowledgeResponse } from "../../contract/knowledge.ts";
import * as knowledge from "../use-cases/knowledge.ts";
import { Done, defineRoute, json, PageQuery, type Route } from "./route.ts";

/** How long a member whose content was replaced is waited for. */
const REFRESH_WAIT_MS = 10_000;

const PAGE_SIZE = 30;
const SearchQuery = PageQuery.extend({ query: z.string().max(1_000).optional() });

/** A page of a list, as later versions answer it; without `page` the whole of it. */
function paged<Row>(
  rows: readonly Row[],
  page: number | undefined,
): { items: readonly Row[]; total: number } {
  const start = ((page ?? 1) - 1) * PAGE_SIZE;
  return { items: page === undefined ? rows : rows.slice(start, start + PAGE_SIZE), total: rows.length };
}

const listRoute = (path: string, wanted: "read" | "write") =>
  defineRoute({
    method: "GET",
    path,
    summary:
      "The collections that the user may use: an array, or with `page` (30 a page) `{items, total}`, as later versions' web UIs ask.",
    tag: "knowledge",
    access: "user",
    query: PageQuery,
    handle: async ({ context, identity, query }) => {
      const rows = await knowledge.listKnowledge(context, identity.user, wanted);
      return json(query.page === undefined ? rows : paged(rows, query.page));
    },
  });

export const knowledgeRoutes: Route[] = [
  listRoute("/api/v1/knowledge/", "read"),
  listRoute("/api/v1/knowledge/list", "write"),
  defineRoute({
    method: "GET",
    path: "/api/v1/knowledge/search",
    summary: "The user's collections with the text in their name or description.",
    tag: "knowledge",
    access: "user",
    query: SearchQuery,
    handle: async ({ context, identity, query }) =>
      json(paged(await knowledge.listKnowledge(context, identity.user, "read", query.query), query.page)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/knowledge/search/files",
    summary: "The files of all collections that the user may use with the text in their name, 30 a page.",
    tag: "knowledge",
    access: "user",
    query: SearchQuery,
    handle: async ({ context, identity, query }) =>
      json({
        ...paged(
          await knowledge.searchKnowledgeFiles(context, identity.user, query.query ?? ""),
          query.page ?? 1,
        ),
        directories: [],
        breadcrumbs: [],
      }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/create",
    summary: "Makes an empty collection; without a word on access only its owner may use it.",
    tag: "knowledge",
    access: "user",
    body: KnowledgeForm,
    answer: KnowledgeResponse,
    handle: async ({ context, identity, body }) =>
      json(await knowledge.createKnowledge(context, identity.user, body)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/knowledge/:id",
    summary: "A collection and what is in it (tutorial 'Fetch Knowledge Collection').",
    tag: "knowledge",
    access: "user",
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params }) =>
      json(await knowledge.readKnowledge(context, identity.user, params.id!)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/knowledge/:id/files",
    summary: "The files of a collection.",
    tag: "knowledge",
    access: "user",
    query: PageQuery,
    handle: async ({ context, identity, params, query }) =>
      json({
        ...paged(await knowledge.listKnowledgeFiles(context, identity.user, params.id!), query.page),
        directories: [],
        breadcrumbs: [],
      }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/knowledge/:id/files/pending",
    summary: "The files of a collection that are still processing.",
    tag: "knowledge",
    access: "user",
    handle: async ({ context, identity, params }) =>
      json(await knowledge.listPendingFiles(context, identity.user, params.id!)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/update",
    summary: "Renames and describes a collection; its access changes where the body says something of it.",
    tag: "knowledge",
    access: "user",
    body: KnowledgeForm,
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params, body }) =>
      json(await knowledge.updateKnowledge(context, identity.user, params.id!, body)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/access/update",
    summary: "Changes who else may use a collection.",
    tag: "knowledge",
    access: "user",
    body: AccessForm,
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params, body }) =>
      json(await knowledge.shareKnowledge(context, identity.user, params.id!, body)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/file/add",
    summary: "Puts a file into a collection.",
    tag: "knowledge",
    access: "user",
    body: KnowledgeFileForm,
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params, body }) =>
      json(await knowledge.addFiles(context, identity.user, params.id!, [body.file_id])),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/files/batch/add",
    summary: "Puts files into a collection: all of them, or none.",
    tag: "knowledge",
    access: "user",
    body: z.array(KnowledgeFileForm).min(1).max(1_000),
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params, body }) => {
      const fileIds = body.map(({ file_id }) => file_id);
      return json(await knowledge.addFiles(context, identity.user, params.id!, fileIds));
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/file/update",
    summary: "Waits at most 10 s for a file of the collection whose content was replaced.",
    tag: "knowledge",
    access: "user",
    body: KnowledgeFileForm,
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params, body }) =>
      json(await knowledge.refreshFile(context, identity.user, params.id!, body.file_id, REFRESH_WAIT_MS)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/file/remove",
    summary:
      "Takes a file out. It is deleted, if it is the user's own and in no other collection, unless `delete_file=false`.",
    tag: "knowledge",
    access: "user",
    body: KnowledgeFileForm,
    query: z.looseObject({ delete_file: z.stringbool().default(true) }),
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params, query, body }) =>
      json(await knowledge.removeFile(context, identity.user, params.id!, body.file_id, query.delete_file)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/knowledge/:id/reset",
    summary: "Takes all files out of a collection; they stay their users'.",
    tag: "knowledge",
    access: "user",
    answer: KnowledgeResponse,
    handle: async ({ context, identity, params }) =>
      json(await knowledge.resetKnowledge(context, identity.user, params.id!)),
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/knowledge/:id/delete",
    summary: "Deletes a collection; its files stay their users'.",
    tag: "knowledge",
    access: "user",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await knowledge.deleteKnowledge(context, identity.user, params.id!);
      return json(true);
    },
  }),
];
