import { timingSafeEqual } from "node:crypto";
import type { Context as HonoContext } from "hono";
import { OffstageError } from "../../errors.ts";
import { remoteAddress } from "../auth/credential.ts";
import type { GuardConfig } from "../guard/guard-config.ts";
import { isLoopback } from "../guard/host-guard.ts";
import { defineRoute, type Route } from "./route.ts";

const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip"];

const sameText = (a: string, b: string) => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Whoever may not read the figures is not told that there are any. */
function mayRead(readers: GuardConfig["metrics"], http: HonoContext): boolean {
  if (readers === "off") return false;
  if (readers === "loopback")
    return isLoopback(remoteAddress(http)) && !FORWARDED.some((name) => http.req.header(name));
  return sameText(http.req.header("authorization") ?? "", `Bearer ${readers.token}`);
}

export const metricsRoutes: Route[] = [
  defineRoute({
    method: "GET",
    path: "/metrics",
    summary: "The server's figures in Prometheus' text; a 404 unless they are switched on for who asks.",
    tag: "system",
    access: "anyone",
    handle: async ({ context, http }) => {
      const { metrics } = context;
      if (metrics === null || !mayRead(context.config.guard.metrics, http))
        throw new OffstageError("not_found", "There is nothing at GET /metrics.");
      return new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } });
    },
  }),
];
