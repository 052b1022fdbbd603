import * as z from "zod";
import { OffstageError } from "../../errors.ts";
import { changeUser, deleteUser, listUsers, signOutEverywhere } from "../use-cases/manage-users.ts";
import { pictureUrl, readPicture } from "../use-cases/profile-picture.ts";
import { changeSettings, readSettings } from "../use-cases/user-settings.ts";
import { readUsage } from "../use-cases/user-usage.ts";
import { Email, Name, Password } from "./auth-routes.ts";
import { PERMISSIONS } from "./page-config.ts";
import { portrait } from "./portrait.ts";
import { Done, defineRoute, json, type Route } from "./route.ts";

const about = { tag: "users", access: "user" } as const;

const ListedUser = z.looseObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  last_active_at: z.number(),
});

const Settings = z.record(z.string(), z.unknown());

const IMAGE_HEADERS = {
  "content-type": "image/svg+xml",
  "cache-control": "no-cache",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
};

/** The second is where 0.12.4 looks for those whom something is shared with. */
const userListRoutes = ["/api/v1/users/", "/api/v1/users/search"].map((path) =>
  defineRoute({
    ...about,
    access: "admin",
    method: "GET",
    path,
    summary:
      "The users, 30 a page, by `order_by` and `direction`; with `query` those whose name or address holds it.",
    query: z.object({
      page: z.coerce.number().int().min(1).max(1_000_000).default(1),
      query: z.string().max(1_000).optional(),
      order_by: z.enum(["name", "email", "role", "created_at", "last_active_at"]).optional().catch(undefined),
      direction: z.enum(["asc", "desc"]).optional().catch(undefined),
    }),
    answer: z.object({ users: z.array(ListedUser), total: z.number() }),
    handle: async ({ context, query }) => json(await listUsers(context, query)),
  }),
);

export const userRoutes: Route[] = [
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/user/settings",
    summary: "What the user's pages keep of their settings; null before they keep any.",
    answer: Settings.nullable(),
    handle: async ({ context, identity }) => json(await readSettings(context, identity.user)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/users/user/settings/update",
    summary: "Replaces the named settings and keeps the others; answers all.",
    body: Settings,
    answer: Settings,
    handle: async ({ context, identity, body }) => json(await changeSettings(context, identity.user, body)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/user/info",
    summary: "Further facts that a user has given: none are kept.",
    answer: z.null(),
    handle: () => json(null),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/user/status",
    summary: "A user's status message: none is kept.",
    answer: z.object({ status_emoji: z.null(), status_message: z.null(), status_expires_at: z.null() }),
    handle: () => json({ status_emoji: null, status_message: null, status_expires_at: null }),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/usage",
    summary: "How many chats and messages the user has, and on which days the chats were made.",
    query: z.object({ days: z.coerce.number().int().min(1).max(10_000).default(730) }),
    answer: z.looseObject({ totals: z.record(z.string(), z.number()), heatmap: z.array(z.looseObject({})) }),
    handle: async ({ context, identity, query }) => json(await readUsage(context, identity.user, query.days)),
  }),
  defineRoute({
    ...about,
    method: "POST",
    path: "/api/v1/users/user/variables/update",
    summary: "Takes that there are none, and refuses any: no prompt here would be filled in with them.",
    body: z.looseObject({ variables: Settings.nullish() }),
    answer: z.object({ variables: z.object({}) }),
    handle: ({ body }) => {
      if (Object.keys(body.variables ?? {}).length > 0)
        throw new OffstageError("bad_input", "Variables of users are not kept here: nothing would use them.");
      return json({ variables: {} });
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/user/variables",
    summary: "What a user has filled in for prompts: nothing is kept.",
    answer: z.object({ variables: z.object({}) }),
    handle: () => json({ variables: {} }),
  }),
  ...userListRoutes,
  defineRoute({
    ...about,
    access: "admin",
    method: "GET",
    path: "/api/v1/users/all",
    summary: "All users.",
    answer: z.object({ users: z.array(ListedUser), total: z.number() }),
    handle: async ({ context }) => json(await listUsers(context, null)),
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/usage",
    summary:
      "Who has a page open: `user_ids`, which 0.6.15's pages count, and their number. No models are counted.",
    answer: z.object({
      model_ids: z.array(z.never()),
      user_ids: z.array(z.string()),
      user_count: z.number(),
    }),
    handle: ({ context }) => {
      const user_ids = context.sessions.present();
      return json({ model_ids: [], user_ids, user_count: user_ids.length });
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/permissions",
    summary: "What the user may do, as the session tells it.",
    answer: z.record(z.string(), z.unknown()),
    handle: () => json(PERMISSIONS),
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "POST",
    path: "/api/v1/users/:userId/update",
    summary: "Changes a user's name, address, role or password; the last two make all their tokens void.",
    body: z.looseObject({
      name: Name.optional(),
      email: Email.optional(),
      role: z.enum(["admin", "user", "pending"]).optional(),
      password: Password.nullish(),
    }),
    answer: ListedUser,
    handle: async ({ context, identity, params, body }) => {
      const { name, email, role, password } = body;
      const change = { name, email, role, password: password || undefined };
      return json(await changeUser(context, identity.user, params.userId!, change));
    },
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "POST",
    path: "/api/v1/users/:userId/sessions/revoke",
    summary: "Signs a user out everywhere: every token given out before is void. API keys stay.",
    answer: Done,
    handle: async ({ context, params }) => {
      await signOutEverywhere(context, params.userId!);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "GET",
    path: "/api/v1/chats/list/user/:userId",
    summary: "An empty list: nobody is shown other people's chats here. 0.6.15 asks when a user is edited.",
    answer: z.array(z.never()),
    handle: () => json([]),
  }),
  defineRoute({
    ...about,
    access: "admin",
    method: "DELETE",
    path: "/api/v1/users/:userId",
    summary: "Deletes a user with all that is theirs.",
    answer: Done,
    handle: async ({ context, identity, params }) => {
      await deleteUser(context, identity.user, params.userId!);
      return json(true);
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/:userId",
    summary: "A user's name, for those who read what that user shared.",
    answer: z.looseObject({ name: z.string(), profile_image_url: z.string() }),
    handle: async ({ context, params }) => {
      const { store } = context;
      const user = await store.users.findUser(store.read, params.userId!);
      if (!user) throw new OffstageError("not_found", `There is no user "${params.userId}".`);
      const profile_image_url = pictureUrl(user.id);
      return json({ id: user.id, name: user.name, profile_image_url, active: null, is_active: false });
    },
  }),
  defineRoute({
    ...about,
    method: "GET",
    path: "/api/v1/users/:userId/info",
    summary: "A user's name and role; the address only for oneself.",
    answer: z.looseObject({ id: z.string(), name: z.string(), role: z.string() }),
    handle: async ({ context, identity, params }) => {
      const { store } = context;
      const user = await store.users.findUser(store.read, params.userId!);
      if (!user) throw new OffstageError("not_found", `There is no user "${params.userId}".`);
      const email = user.id === identity.user.id ? user.email : "";
      return json({ id: user.id, name: user.name, email, role: user.role, groups: [], is_active: false });
    },
  }),
  defineRoute({
    ...about,
    access: "anyone",
    method: "GET",
    path: "/api/v1/users/:userId/profile/image",
    summary:
      "The picture that a user gave; else a figure in a colour that follows from the id, taken or not.",
    handle: async ({ context, params, http }) => {
      const picture = await readPicture(context, params.userId!);
      if (!picture) return new Response(portrait("person", params.userId!), { headers: IMAGE_HEADERS });
      const headers = { ...IMAGE_HEADERS, "content-type": picture.mediaType, etag: `"${picture.tag}"` };
      if (http.req.header("if-none-match") === headers.etag)
        return new Response(null, { status: 304, headers });
      return new Response(picture.bytes, { headers });
    },
  }),
  defineRoute({
    ...about,
    access: "anyone",
    method: "GET",
    path: "/api/v1/models/model/profile/image",
    summary: "A picture for a model: a mark in a colour that follows from the id.",
    query: z.object({ id: z.string().max(1_024).default("") }),
    handle: ({ query }) => new Response(portrait("model", query.id), { headers: IMAGE_HEADERS }),
  }),
];
