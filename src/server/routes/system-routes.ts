import * as z from "zod";
import { OFFSTAGE_VERSION, OPEN_WEBUI_VERSION } from "../../contract/versions.ts";
import { LOCAL_OWNER_EMAIL } from "../use-cases/accounts.ts";
import { readModelSettings } from "../use-cases/model-settings.ts";
import { assertTakesTurns } from "../use-cases/start-turn.ts";
import { pageConfig } from "./page-config.ts";
import { defineRoute, json, type Route } from "./route.ts";

export const systemRoutes: Route[] = [
  defineRoute({
    method: "GET",
    path: "/health",
    summary: "Whether the server answers.",
    tag: "system",
    access: "anyone",
    answer: z.object({ status: z.literal(true) }),
    handle: () => json('{"status":true}'),
  }),
  defineRoute({
    method: "GET",
    path: "/ready",
    summary: "Whether the server takes turns: 503 while it shuts down, or cannot read its database.",
    tag: "system",
    access: "anyone",
    answer: z.object({ status: z.literal(true) }),
    handle: async ({ context }) => {
      assertTakesTurns(context);
      await context.store.settings.findSetting(context.store.read, "readiness");
      return json('{"status":true}');
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/version",
    summary: "The Open WebUI version whose clients fit, and offstage's own.",
    tag: "system",
    access: "anyone",
    answer: z.object({ version: z.string(), deployment_id: z.string(), offstage: z.string() }),
    handle: () => json({ version: OPEN_WEBUI_VERSION, deployment_id: "", offstage: OFFSTAGE_VERSION }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/config",
    summary: "What a page or a client needs to know before signing in.",
    tag: "system",
    access: "anyone",
    answer: z.looseObject({ status: z.literal(true), name: z.string(), version: z.string() }),
    handle: async ({ context }) => {
      const { store } = context;
      const isUnclaimed = Boolean(await store.users.findUserByEmail(store.read, LOCAL_OWNER_EMAIL));
      return json(pageConfig(context, isUnclaimed, await readModelSettings(context)));
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/offstage/proof",
    summary:
      "Shows that this server holds its data folder's secret, so that a local program may send it a token.",
    tag: "system",
    access: "anyone",
    query: z.object({ nonce: z.string().min(16).max(128) }),
    answer: z.object({ proof: z.string() }),
    handle: ({ context, query }) => json({ proof: context.signer.prove(query.nonce) }),
  }),
];
