import * as z from "zod";
import { OffstageError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { encodeLifetime, parseLifetime } from "../settings/lifetime.ts";
import { AccountSettings, Banners, Suggestions, Visibility } from "../settings/server-settings.ts";
import { LOCAL_OWNER_EMAIL } from "../use-cases/accounts.ts";
import { OFF_ADMIN_CONFIG } from "./off-configs.ts";
import { defineRoute, json, type Route } from "./route.ts";
import { assertUnchanged } from "./switched-off.ts";

const about = { tag: "settings", access: "admin" } as const;

const { shape } = AccountSettings;

/** Both generations' names; what is not named here has no effect, and is answered as it holds. */
const PostedAdminConfig = z.looseObject({
  ENABLE_SIGNUP: z.boolean().optional(),
  DEFAULT_USER_ROLE: shape.defaultRole.optional(),
  JWT_EXPIRES_IN: z.string().max(40).optional(),
  ENABLE_API_KEY: z.boolean().optional(),
  ENABLE_API_KEYS: z.boolean().optional(),
  SHOW_ADMIN_DETAILS: z.boolean().optional(),
  ADMIN_EMAIL: shape.adminEmail.optional(),
  PENDING_USER_OVERLAY_TITLE: shape.pendingTitle.nullish(),
  PENDING_USER_OVERLAY_CONTENT: shape.pendingContent.nullish(),
  RESPONSE_WATERMARK: shape.responseWatermark.nullish(),
  DEFAULT_INTERFACE_SETTINGS: shape.defaultInterface.nullish(),
});

const AdminConfig = z
  .looseObject({ ENABLE_SIGNUP: z.boolean(), DEFAULT_USER_ROLE: z.string(), JWT_EXPIRES_IN: z.string() })
  .meta({ id: "AdminConfig" });

function adminConfig({ settings }: Context) {
  const { accounts } = settings.current;
  return {
    ...OFF_ADMIN_CONFIG,
    ENABLE_SIGNUP: accounts.enableSignup,
    DEFAULT_USER_ROLE: accounts.defaultRole,
    JWT_EXPIRES_IN: encodeLifetime(accounts.tokenLifetimeSec),
    ENABLE_API_KEY: accounts.enableApiKeys,
    ENABLE_API_KEYS: accounts.enableApiKeys,
    SHOW_ADMIN_DETAILS: accounts.showAdminDetails,
    ADMIN_EMAIL: accounts.adminEmail,
    PENDING_USER_OVERLAY_TITLE: accounts.pendingTitle,
    PENDING_USER_OVERLAY_CONTENT: accounts.pendingContent,
    RESPONSE_WATERMARK: accounts.responseWatermark,
    DEFAULT_INTERFACE_SETTINGS: accounts.defaultInterface,
  };
}

/** What a post changes, in our words; what it leaves out stays. @throws OffstageError `bad_input` */
function changedAccounts(
  former: AccountSettings,
  posted: z.infer<typeof PostedAdminConfig>,
): AccountSettings {
  const { JWT_EXPIRES_IN: lifetime, ADMIN_EMAIL: adminEmail } = posted;
  return {
    enableSignup: posted.ENABLE_SIGNUP ?? former.enableSignup,
    defaultRole: posted.DEFAULT_USER_ROLE ?? former.defaultRole,
    tokenLifetimeSec:
      lifetime === undefined || lifetime === encodeLifetime(former.tokenLifetimeSec)
        ? former.tokenLifetimeSec
        : parseLifetime(lifetime),
    enableApiKeys: posted.ENABLE_API_KEYS ?? posted.ENABLE_API_KEY ?? former.enableApiKeys,
    showAdminDetails: posted.SHOW_ADMIN_DETAILS ?? former.showAdminDetails,
    adminEmail: adminEmail === undefined ? former.adminEmail : adminEmail || null,
    pendingTitle: posted.PENDING_USER_OVERLAY_TITLE ?? former.pendingTitle,
    pendingContent: posted.PENDING_USER_OVERLAY_CONTENT ?? former.pendingContent,
    responseWatermark: posted.RESPONSE_WATERMARK ?? former.responseWatermark,
    defaultInterface: posted.DEFAULT_INTERFACE_SETTINGS ?? former.defaultInterface,
  };
}

export const adminConfigRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/auths/admin/config",
    summary: "Who may come in and for how long; what this server has not is off.",
    answer: AdminConfig,
    handle: ({ context }) => json(adminConfig(context)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/auths/admin/config",
    summary: "Changes what is named, from the next request on; refuses to change what is as it is here.",
    body: PostedAdminConfig,
    answer: AdminConfig,
    handle: async ({ context, body }) => {
      assertUnchanged(body, OFF_ADMIN_CONFIG);
      const { settings } = context;
      await settings.keep("accounts", changedAccounts(settings.current.accounts, body));
      return json(adminConfig(context));
    },
  }),
  defineRoute({
    ...about,
    access: "account",
    method: "GET",
    path: "/api/v1/auths/admin/details",
    summary: "Whom to ask for activation, where the administrators let that be told.",
    answer: z.object({ name: z.string().nullable(), email: z.string().nullable() }),
    handle: async ({ context }) => {
      const { showAdminDetails, adminEmail } = context.settings.current.accounts;
      if (!showAdminDetails) {
        throw new OffstageError("bad_input", "Who the administrators are is not told here.");
      }
      const { store } = context;
      const users = await store.users.listUsers(store.read);
      const admins = users.filter(({ role, email }) => role === "admin" && email !== LOCAL_OWNER_EMAIL);
      const admin = admins.find(({ email }) => email === adminEmail) ?? (adminEmail ? undefined : admins[0]);
      return json({ name: admin?.name ?? null, email: admin?.email ?? adminEmail });
    },
  }),
  defineRoute({
    ...about,
    access: "user",
    method: "GET",
    path: "/api/v1/configs/banners",
    summary: "What stands above everybody's chats.",
    answer: Banners,
    handle: ({ context }) => json(context.settings.current.banners),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/configs/banners",
    summary: "Puts other banners above everybody's chats.",
    body: z.looseObject({ banners: Banners }),
    answer: Banners,
    handle: async ({ context, body }) => {
      await context.settings.keep("banners", body.banners);
      return json(body.banners);
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/configs/suggestions",
    summary: "Puts other questions into empty chats.",
    body: z.looseObject({ suggestions: Suggestions }),
    answer: Suggestions,
    handle: async ({ context, body }) => {
      await context.settings.keep("suggestions", body.suggestions);
      return json(body.suggestions);
    },
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/configs/interface/visibility",
    summary: "Which parts of their interface web UIs show.",
    body: z.looseObject({ visibility: Visibility }),
    answer: z.object({ visibility: Visibility }),
    handle: async ({ context, body: { visibility } }) => {
      await context.settings.keep("visibility", visibility);
      return json({ visibility });
    },
  }),
];
