import { timingSafeEqual } from "node:crypto";
import { OffstageError } from "../../errors.ts";
import type { Identity } from "../auth/authenticate.ts";
import { assertPassword, hashPassword, isPassword } from "../auth/passwords.ts";
import type { TokenClaims } from "../auth/tokens.ts";
import { type Context, nowSec, type User } from "../context.ts";

/** A token fresh from a sign-in. */
export interface NewSession {
  user: User;
  token: string;
  claims: TokenClaims;
}

/** The address of the local owner until somebody claims it; nobody can sign in by it. */
export const LOCAL_OWNER_EMAIL = "owner@localhost";

const isLoopback = (address: string) => address === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);

async function newSession(context: Context, user: User): Promise<NewSession> {
  return { user, ...(await context.signer.sign(user)) };
}

function newUser(context: Context, fields: Pick<User, "email" | "name" | "role" | "password_hash">): User {
  const now = nowSec(context.clock);
  return {
    ...fields,
    id: context.newId(),
    token_generation: 1,
    settings_json: "{}",
    created_at_sec: now,
    updated_at_sec: now,
    last_active_at_sec: now,
  };
}

/** The administrator that the data folder has from the start; made at the first start. */
export async function ensureLocalOwner(context: Context): Promise<User> {
  const { store } = context;
  const owner = await store.write(async (tx) => {
    const users = await store.users.listUsers(tx);
    const known =
      users.find(({ email }) => email === LOCAL_OWNER_EMAIL) ?? users.find(({ role }) => role === "admin");
    if (known) return known;
    const user = newUser(context, {
      email: LOCAL_OWNER_EMAIL,
      name: "Owner",
      role: "admin",
      password_hash: null,
    });
    await store.users.insertUser(tx, user);
    return user;
  });
  const { adminEmail, adminPassword } = context.config;
  if (!adminEmail || !adminPassword || owner.email !== LOCAL_OWNER_EMAIL) return owner;
  return claimOwner(context, { name: "Owner", email: adminEmail, password: adminPassword });
}

/** Gives the local owner a name and a password. @throws OffstageError `forbidden` when it has been claimed already */
async function claimOwner(
  context: Context,
  account: { name: string; email: string; password: string },
): Promise<User> {
  assertPassword(account.password);
  const { store } = context;
  const passwordHash = await hashPassword(account.password);
  const user = await store.write(async (tx) => {
    const owner = await store.users.findUserByEmail(tx, LOCAL_OWNER_EMAIL);
    if (!owner) throw signUpClosed();
    const claim = { email: account.email, name: account.name, password_hash: passwordHash };
    await store.users.changeUser(tx, owner.id, { ...claim, updated_at_sec: nowSec(context.clock) });
    return { ...owner, ...claim };
  });
  context.authenticator.forgetUser(user.id);
  return user;
}

const signUpClosed = () =>
  new OffstageError("forbidden", "Sign-up is closed: ask an administrator for an account.");

/**
 * The first sign-up claims the local owner: from this machine, or with the set-up token that the server printed. Later
 * ones only where sign-up is open. @throws OffstageError `forbidden`, `conflict` (as 400), `bad_input`
 */
export async function signUp(
  context: Context,
  account: { name: string; email: string; password: string; setupToken: string | undefined; address: string },
): Promise<NewSession> {
  const { store } = context;
  if (await store.users.findUserByEmail(store.read, LOCAL_OWNER_EMAIL)) {
    if (!isLoopback(account.address) && !isSetupToken(context, account.setupToken)) {
      throw new OffstageError(
        "forbidden",
        "The first sign-up from another machine needs the set-up token that the server printed when it started: " +
          "send it as `setup_token`.",
      );
    }
    return newSession(context, await claimOwner(context, account));
  }
  const { enableSignup, defaultRole } = context.settings.current.accounts;
  if (!enableSignup) throw signUpClosed();
  return addUser(context, { ...account, role: defaultRole });
}

function isSetupToken(context: Context, token: string | undefined): boolean {
  const expected = Buffer.from(context.setupToken);
  const given = Buffer.from(token ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** @throws OffstageError `conflict` (as 400) for an e-mail address that is taken, `bad_input` */
export async function addUser(
  context: Context,
  account: { name: string; email: string; password: string; role: User["role"] },
): Promise<NewSession> {
  assertPassword(account.password);
  const { store } = context;
  const passwordHash = await hashPassword(account.password);
  const { name, email, role } = account;
  const user = newUser(context, { name, email, role, password_hash: passwordHash });
  await store.write(async (tx) => {
    if (await store.users.findUserByEmail(tx, email)) {
      throw new OffstageError("conflict", `There is an account for ${email} already.`, { httpStatus: 400 });
    }
    await store.users.insertUser(tx, user);
  });
  return newSession(context, user);
}

/** @throws OffstageError `bad_input` for a wrong e-mail or password, `rate_limited` after too many */
export async function signIn(
  context: Context,
  { email, password, address }: { email: string; password: string; address: string },
): Promise<NewSession> {
  const attempt = { address, email };
  context.signInGuard.assertAllowed(attempt);
  const { store } = context;
  const user = await store.users.findUserByEmail(store.read, email);
  const isRight = await isPassword(password, user?.password_hash ?? null);
  // Once more, now that others that began at the same time may have failed.
  context.signInGuard.assertAllowed(attempt);
  if (!isRight || !user) {
    context.signInGuard.failed(attempt);
    throw new OffstageError("bad_input", "The e-mail address or the password is not right.");
  }
  context.signInGuard.passed(attempt);
  await store.write((tx) =>
    store.users.changeUser(tx, user.id, { last_active_at_sec: nowSec(context.clock) }),
  );
  return newSession(context, user);
}

/** Makes the token that was used void; an API key stays. */
export async function signOut(context: Context, { user, claims }: Identity): Promise<void> {
  if (!claims) return;
  const { store } = context;
  await store.write(async (tx) => {
    await store.users.revokeToken(tx, claims.tokenId, claims.expiresAtSec);
    await store.users.forgetExpiredRevocations(tx, nowSec(context.clock));
  });
  context.authenticator.forgetUser(user.id);
}

/** @throws OffstageError `bad_input` for a wrong or unfit password */
export async function changePassword(
  context: Context,
  user: User,
  former: string,
  next: string,
): Promise<void> {
  const { store } = context;
  const current = await store.users.findUser(store.read, user.id);
  if (!current || !(await isPassword(former, current.password_hash))) {
    throw new OffstageError("bad_input", "The present password is not right.");
  }
  assertPassword(next);
  const passwordHash = await hashPassword(next);
  await store.write((tx) =>
    store.users.changeUser(tx, user.id, {
      password_hash: passwordHash,
      token_generation: current.token_generation + 1,
      updated_at_sec: nowSec(context.clock),
    }),
  );
  context.authenticator.forgetUser(user.id);
}
