import type { Context as HonoContext } from "hono";
import { getCookie } from "hono/cookie";
import { OffstageError } from "../../errors.ts";

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
  const origin = http.req.header("origin");
  if (http.req.method !== "GET" && origin && hostOf(origin) !== http.req.header("host")) {
    throw new OffstageError("forbidden", `A page of ${origin} may not act with this site's cookie.`);
  }
  return cookie;
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);
