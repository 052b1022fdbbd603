import type { Context as HonoContext } from "hono";
import { getCookie } from "hono/cookie";
import { OffstageError } from "../../errors.ts";

/** The address at the other end of a request's connection: a proxy's where there is one. */
export function remoteAddress(http: HonoContext): string {
  const { incoming } = (http.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? "127.0.0.1";
}

/**
 * The token or key that a request brings: `Authorization: Bearer`, `x-api-key`, or the cookie `token`. The cookie counts
 * for what changes something only from this site's own pages.
 * @throws OffstageError `unauthorized` without any, `forbidden` for a cookie that another site's page sent
 */
export function requestCredential(http: HonoContext): string {
  const authorization = http.req.header("authorization");
  if (authorization) {
    const [scheme, token] = authorization.split(/\s+/, 2);
    if (scheme?.toLowerCase() === "bearer" && token) return token;
  }
  const apiKey = http.req.header("x-api-key");
  if (apiKey) return apiKey;
  const cookie = http.req.header("cookie") ? getCookie(http, "token") : undefined;
  if (!cookie) {
    throw new OffstageError(
      "unauthorized",
      "Not authenticated: send `Authorization: Bearer <token>` or `x-api-key`.",
    );
  }
  assertOwnPage(http);
  return cookie;
}

/**
 * Refuses what changes something and comes from a page of another site. Newer browsers say so themselves, also where a
 * proxy has changed the host; of older ones the origin tells.
 * @throws OffstageError `forbidden`
 */
export function assertOwnPage(http: HonoContext): void {
  if (http.req.method === "GET") return;
  const site = http.req.header("sec-fetch-site");
  if (site === "same-origin" || site === "none") return;
  const origin = http.req.header("origin");
  if (site === undefined && (!origin || hostOf(origin) === http.req.header("host"))) return;
  throw new OffstageError("forbidden", `A page of ${origin ?? "another site"} may not act on this site.`);
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
