import type { Context as HonoContext } from "hono";
import * as z from "zod";
import type { Identity } from "../auth/authenticate.ts";
import type { Sender } from "../auth/sender.ts";
import type { Context } from "../context.ts";

/** What a handler is given: everything checked. */
export interface RouteRequest<Body, Query> {
  context: Context;
  /** Who asks. On routes for anyone this throws. */
  identity: Identity;
  /** Which request this is and what sent it; for routes that a turn is made of. */
  sender: () => Sender;
  params: Record<string, string>;
  query: Query;
  body: Body;
  /** The request and its connection, for headers and cookies. */
  http: HonoContext;
}

/** One method of one path: what it takes, what it answers, and who may call it. Also what `/openapi.json` is made of. */
export interface Route<Body = unknown, Query = unknown> {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** In Hono's spelling: `/api/v1/chats/:id`. */
  path: string;
  /** One sentence for the documentation. */
  summary: string;
  /** Groups the documentation. */
  tag:
    | "system"
    | "auth"
    | "users"
    | "chats"
    | "organising"
    | "copies"
    | "folders"
    | "completions"
    | "tasks"
    | "models"
    | "groups"
    | "providers"
    | "settings"
    | "files"
    | "knowledge"
    | "memories"
    | "prompts"
    | "absent";
  /** `account` lets those in, too, who wait for activation. */
  access: "anyone" | "account" | "user" | "admin";
  body?: z.ZodType<Body>;
  query?: z.ZodType<Query>;
  /** The body of a good answer. */
  answer?: z.ZodType;
  handle(request: RouteRequest<Body, Query>): Promise<Response> | Response;
}

/** Keeps a route's own types while it stands in a list of all kinds. */
export function defineRoute<Body = undefined, Query = undefined>(route: Route<Body, Query>): Route {
  return route as unknown as Route;
}

const JSON_HEADERS = { "content-type": "application/json" };

/** Bytes up to here are sent as text: Node writes it together with the headers, and bytes apart from them. */
const SMALL_BYTES = 16 * 1024;

/** A JSON answer; text and bytes (UTF-8) are taken for JSON that is printed already. */
export function json(
  value: unknown,
  init: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(printed(value), {
    status: init.status ?? 200,
    headers: { ...JSON_HEADERS, ...init.headers },
  });
}

function printed(value: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof value === "string") return value;
  if (!Buffer.isBuffer(value)) return JSON.stringify(value);
  return value.length > SMALL_BYTES ? (value as Buffer<ArrayBuffer>) : value.toString();
}

/** Query of a list: `page` counts from 1; without it all are listed. */
export const PageQuery = z.object({ page: z.coerce.number().int().min(1).max(1_000_000).optional() });

/** `true` alone, as Open WebUI answers to what has been done. */
export const Done = z.literal(true);
