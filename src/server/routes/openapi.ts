import * as z from "zod";
import { createDocument, type ZodOpenApiPathsObject } from "zod-openapi";
import { OFFSTAGE_VERSION } from "../../contract/versions.ts";
import type { Route } from "./route.ts";

const ErrorBody = z
  .object({ detail: z.union([z.string(), z.array(z.looseObject({}))]), request_id: z.string() })
  .meta({ id: "Error", description: "What every refusal and failure answers" });

/** `/api/v1/chats/:id` as OpenAPI spells it, with the names of its parameters. */
function openApiPath(path: string) {
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
  return { names, path: path.replace(/:(\w+)/g, "{$1}") };
}

/** The OpenAPI 3.1 document of a table of routes, as JSON text. */
export function openApiDocument(routes: readonly Route[]): string {
  const paths: ZodOpenApiPathsObject = {};
  const error = { description: "Refused or failed", content: { "application/json": { schema: ErrorBody } } };
  for (const route of routes) {
    const { names, path } = openApiPath(route.path);
    const entry = paths[path] ?? {};
    paths[path] = entry;
    entry[route.method.toLowerCase() as "get"] = {
      operationId: `${route.method.toLowerCase()}${path.replace(/[^a-zA-Z0-9]+/g, "_")}`,
      summary: route.summary,
      tags: [route.tag],
      ...(route.access === "anyone" ? {} : { security: [{ bearer: [] }, { apiKey: [] }] }),
      requestParams: {
        ...(names.length > 0
          ? { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }
          : {}),
        ...(route.query ? { query: route.query as z.ZodObject } : {}),
      },
      ...(route.body ? { requestBody: { content: { "application/json": { schema: route.body } } } } : {}),
      responses: {
        200: {
          description: "Done",
          ...(route.answer ? { content: { "application/json": { schema: route.answer } } } : {}),
        },
        "4XX": error,
        "5XX": error,
      },
    };
  }
  return JSON.stringify(
    createDocument({
      openapi: "3.1.0",
      info: {
        title: "offstage",
        version: OFFSTAGE_VERSION,
        description: "An Open-WebUI-compatible server whose conversations backends drive.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      paths,
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        },
      },
    }),
  );
}
