import type { Context as HonoContext } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import * as z from "zod";
import { OffstageError } from "../../errors.ts";
import type { Identity } from "../auth/authenticate.ts";
import { remoteAddress, requestCredential } from "../auth/credential.ts";
import type { TokenClaims } from "../auth/tokens.ts";
import type { Context, User } from "../context.ts";
import * as accounts from "../use-cases/accounts.ts";
import { keepPicture, pictureUrl } from "../use-cases/profile-picture.ts";
import { renameUser } from "../use-cases/user-settings.ts";
import { PERMISSIONS } from "./page-config.ts";
import { Done, defineRoute, json, type Route } from "./route.ts";

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(320)
  .regex(/^[^\s@]+@[^\s@]+$/, "must be an e-mail address");
export const Password = z.string().max(1024);
export const Name = z.string().trim().min(1).max(256);

const Session = z
  .looseObject({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.string(),
    token: z.string().nullable(),
    token_type: z.literal("Bearer"),
    expires_at: z.number().nullable(),
    profile_image_url: z.string(),
    permissions: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Session" });

function sessionOf(user: User, token: string | null, claims: TokenClaims | null) {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    profile_image_url: pictureUrl(user.id),
    token,
    token_type: "Bearer",
    expires_at: claims?.expiresAtSec ?? null,
    permissions: PERMISSIONS,
  };
}

/** Answers a session and sets its cookie, which only this site's own pages may send along. */
function signedIn(http: HonoContext, session: accounts.NewSession): Response {
  const { user, token, claims } = session;
  const secure =
    new URL(http.req.url).protocol === "https:" || http.req.header("x-forwarded-proto") === "https";
  setCookie(http, "token", token, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    secure,
    maxAge: claims.expiresAtSec - claims.issuedAtSec,
  });
  return http.body(JSON.stringify(sessionOf(user, token, claims)), 200, {
    "content-type": "application/json",
  });
}

const bearer = (http: HonoContext) => http.req.header("authorization")?.replace(/^Bearer\s+/i, "") ?? null;

/** Whose credential the request brings; null where it brings none, or a void one. */
async function knownIdentity({ authenticator }: Context, http: HonoContext): Promise<Identity | null> {
  try {
    return await authenticator.recognise(requestCredential(http));
  } catch (thrown) {
    if (thrown instanceof OffstageError && thrown.code === "unauthorized") return null;
    throw thrown;
  }
}

/** 0.6.15 signs out by GET, 0.12.4 by POST. */
const signOutRoutes = (["GET", "POST"] as const).map((method) =>
  defineRoute({
    method,
    path: "/api/v1/auths/signout",
    summary:
      "Signs out: this token is void from now on, and the cookie gone. One that is void already is no fault.",
    tag: "auth",
    access: "anyone",
    answer: z.object({ status: z.literal(true) }),
    handle: async ({ context, http }) => {
      const identity = await knownIdentity(context, http);
      if (identity) await accounts.signOut(context, identity);
      deleteCookie(http, "token", { path: "/" });
      return http.body('{"status":true}', 200, { "content-type": "application/json" });
    },
  }),
);

export const authRoutes: Route[] = [
  defineRoute({
    method: "POST",
    path: "/api/v1/auths/signup",
    summary: "Signs up. The first from this machine claims the local owner and is the administrator.",
    tag: "auth",
    access: "anyone",
    body: z.looseObject({
      name: Name,
      email: Email,
      password: Password,
      setup_token: z.string().max(256).optional(),
    }),
    answer: Session,
    handle: async ({ context, body, http }) =>
      signedIn(
        http,
        await accounts.signUp(context, {
          ...body,
          setupToken: body.setup_token,
          address: remoteAddress(http),
        }),
      ),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auths/signin",
    summary: "Signs in; the answer's `token` goes into `Authorization: Bearer`.",
    tag: "auth",
    access: "anyone",
    body: z.looseObject({ email: Email, password: Password }),
    answer: Session,
    handle: async ({ context, body, http }) =>
      signedIn(http, await accounts.signIn(context, { ...body, address: remoteAddress(http) })),
  }),
  ...signOutRoutes,
  defineRoute({
    method: "GET",
    path: "/api/v1/auths/",
    summary: "Who this token or key belongs to; a token becomes the cookie that images are fetched by.",
    tag: "auth",
    access: "account",
    answer: Session,
    handle: ({ identity: { user, claims }, http }) => {
      const token = bearer(http);
      return token && claims ? signedIn(http, { user, token, claims }) : json(sessionOf(user, token, claims));
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auths/update/profile",
    summary: "Gives the user another name, and another picture (a data: URL), or none.",
    tag: "auth",
    access: "user",
    body: z.looseObject({ name: Name, profile_image_url: z.string().max(1_000_000).nullish() }),
    answer: z.looseObject({ id: z.string(), name: z.string() }),
    handle: async ({ context, identity, body }) => {
      const { name: newName, profile_image_url: picture } = body;
      if (typeof picture === "string") await keepPicture(context, identity.user, picture);
      const { id, name, email, role } = await renameUser(context, identity.user, newName);
      return json({ id, name, email, role, profile_image_url: pictureUrl(id) });
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auths/update/password",
    summary: "Changes the password; every token given out before is void.",
    tag: "auth",
    access: "user",
    body: z.looseObject({ password: Password, new_password: Password }),
    answer: Done,
    handle: async ({ context, identity, body }) => {
      await accounts.changePassword(context, identity.user, body.password, body.new_password);
      return json(true);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auths/add",
    summary: "Adds a user.",
    tag: "auth",
    access: "admin",
    body: z.looseObject({
      name: Name,
      email: Email,
      password: Password,
      role: z.enum(["admin", "user", "pending"]).default("user"),
    }),
    answer: Session,
    handle: async ({ context, body }) => {
      const { user, token, claims } = await accounts.addUser(context, body);
      return json(sessionOf(user, token, claims));
    },
  }),
];
