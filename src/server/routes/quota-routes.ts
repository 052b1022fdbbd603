import * as z from "zod";
import { Quota } from "../guard/quota.ts";
import { changeQuota, readQuotas } from "../use-cases/quotas.ts";
import { defineRoute, json, type Route } from "./route.ts";

const Holder = z
  .object({
    holder: z.string().describe("`user`, or the id of an API key."),
    quota: Quota.describe("What holds: its own quota, else the one that the server gives to all."),
    today: z.object({ answers: z.number(), tokens: z.number() }),
  })
  .meta({ id: "QuotaState", description: "What a user or an API key may use, and has used today (UTC)." });

export const quotaRoutes: Route[] = [
  defineRoute({
    method: "GET",
    path: "/api/offstage/quotas",
    summary: "What the user and each of their API keys may use, and have used today.",
    tag: "users",
    access: "user",
    answer: z.array(Holder),
    handle: async ({ context, identity }) => json(await readQuotas(context, identity.user.id)),
  }),
  defineRoute({
    method: "GET",
    path: "/api/offstage/users/:userId/quotas",
    summary: "The same of any user.",
    tag: "users",
    access: "admin",
    answer: z.array(Holder),
    handle: async ({ context, params }) => json(await readQuotas(context, params.userId!)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/offstage/users/:userId/quotas",
    summary: "Gives a user, or one of their API keys, a quota of its own; null takes it back.",
    tag: "users",
    access: "admin",
    body: z.object({ holder: z.string().max(256).default("user"), quota: Quota.nullable() }),
    answer: z.array(Holder),
    handle: async ({ context, params, body }) => {
      await changeQuota(context, params.userId!, body);
      return json(await readQuotas(context, params.userId!));
    },
  }),
];
