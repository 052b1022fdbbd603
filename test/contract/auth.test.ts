import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectOk } from "../support/chat.ts";
import { type Caller, createCaller, detailOf } from "../support/http.ts";
import { account, openStage, PASSWORD, type Stage, signIn } from "../support/server.ts";

let stage: Stage;
let owner: Caller;

beforeAll(async () => {
  stage = await openStage();
  owner = stage.owner;
});
afterAll(() => stage?.close());

const anonymous = () => createCaller(stage.url, "");
const withHeaders = (headers: Record<string, string>, method = "GET", path = "/api/v1/auths/") =>
  anonymous().call(method, path, { headers });
const voidToken = async () => {
  const { token } = expectOk(await anonymous().post("/api/v1/auths/signin", account("owner")));
  expectOk(await createCaller(stage.url, token).post("/api/v1/auths/signout"));
  return token as string;
};
const newKey = async (caller: Caller) => expectOk(await caller.post("/api/v1/auths/api_key")).api_key;

describe("signing up and in", () => {
  test("the first to sign up is admin; its session says so", async () => {
    const session = expectOk(await owner.get("/api/v1/auths/"));
    expect(session).toMatchObject({
      email: "owner@example.org",
      name: "owner",
      role: "admin",
      token_type: "Bearer",
    });
    expect(session).not.toHaveProperty("password");
    expect(JSON.stringify(session)).not.toContain("scrypt");
  });

  test("nobody else may sign up by themselves", async () => {
    const reply = await anonymous().post("/api/v1/auths/signup", account("intruder"));
    expect(reply.status).toBe(403);
  });

  test("users whom the admin adds sign in as plain users", async () => {
    const ann = await stage.addUser("ann");
    expect(expectOk(await ann.get("/api/v1/auths/"))).toMatchObject({ role: "user", name: "ann" });
    const reply = await ann.post("/api/v1/auths/add", { ...account("friend"), role: "admin" });
    expect([401, 403]).toContain(reply.status);
  });

  test("a wrong password and an unknown e-mail are refused alike", async () => {
    const wrong = await anonymous().post("/api/v1/auths/signin", {
      email: "owner@example.org",
      password: "no such password",
    });
    const unknown = await anonymous().post("/api/v1/auths/signin", {
      email: "nobody@example.org",
      password: PASSWORD,
    });
    expect([400, 401]).toContain(wrong.status);
    expect([unknown.status, unknown.body.detail]).toEqual([wrong.status, wrong.body.detail]);
  });

  test("the e-mail's case does not matter, and it can be taken once", async () => {
    await stage.addUser("carl");
    const reply = await anonymous().post("/api/v1/auths/signin", {
      email: "CARL@Example.org",
      password: PASSWORD,
    });
    expect(reply.status).toBe(200);
    const twice = await owner.post("/api/v1/auths/add", {
      ...account("carl"),
      email: "Carl@example.org",
      role: "user",
    });
    expect(twice.status).toBe(400);
  });

  test("trying passwords is slowed down, also with the right one at last", async () => {
    await stage.addUser("victim");
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const body = { email: "victim@example.org", password: `wrong password ${attempt}` };
      statuses.push((await anonymous().post("/api/v1/auths/signin", body)).status);
    }
    expect(statuses).toContain(429);
    const right = { email: "victim@example.org", password: PASSWORD };
    expect((await anonymous().post("/api/v1/auths/signin", right)).status).toBe(429);
    const other = { email: "owner@example.org", password: PASSWORD };
    expect((await anonymous().post("/api/v1/auths/signin", other)).status).toBe(200);
  });
});

describe("credentials", () => {
  test("Bearer, API key as Bearer, x-api-key and cookie all name the user", async () => {
    const key = await newKey(owner);
    expect(key).toMatch(/^sk-/);
    const rows: Record<string, string>[] = [
      { authorization: `Bearer ${owner.token}` },
      { authorization: `Bearer ${key}` },
      { "x-api-key": key },
      { cookie: `token=${owner.token}` },
    ];
    for (const headers of rows) {
      const reply = await withHeaders(headers, "GET", "/api/v1/chats/");
      expect(reply.status, JSON.stringify(headers)).toBe(200);
    }
  });

  test("a new API key replaces the old one; a deleted one is void", async () => {
    const ben = await stage.addUser("ben");
    const [first, second] = [await newKey(ben), await newKey(ben)];
    expect((await withHeaders({ "x-api-key": first }, "GET", "/api/v1/chats/")).status).toBe(401);
    expect((await withHeaders({ "x-api-key": second }, "GET", "/api/v1/chats/")).status).toBe(200);
    expectOk(await ben.delete("/api/v1/auths/api_key"));
    expect((await withHeaders({ "x-api-key": second }, "GET", "/api/v1/chats/")).status).toBe(401);
  });

  test("a request without a credential, or with a bad one, is a 401 with a detail", async () => {
    const [head, payload, signature] = owner.token.split(".");
    const unsigned = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    const claims = JSON.parse(Buffer.from(payload!, "base64url").toString());
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode("some other secret"));
    const rows: Record<string, string>[] = [
      {},
      { authorization: "Bearer " },
      { authorization: "Bearer garbage" },
      { authorization: `Basic ${btoa("owner:x")}` },
      { authorization: "Bearer sk-0000000000000000000000000000000000" },
      { authorization: `Bearer ${head}.${payload}.${"A".repeat(signature!.length)}` },
      { authorization: `Bearer ${unsigned}.${payload}.` },
      { authorization: `Bearer ${forged}` },
      { "x-api-key": "sk-nothing" },
      { cookie: "token=garbage" },
    ];
    for (const headers of rows) {
      const reply = await withHeaders(headers, "GET", "/api/v1/chats/");
      expect(reply.status, JSON.stringify(headers)).toBe(401);
      expect(detailOf(reply)).toMatch(/\w+/);
    }
  });

  test("an expired token is a 401", async () => {
    const shortLived = await openStage({ server: { tokenLifetimeSec: 0 } });
    try {
      expect((await shortLived.owner.get("/api/v1/chats/")).status).toBe(401);
    } finally {
      await shortLived.close();
    }
  });
});

describe("revoking", () => {
  test("signing out revokes this session's token and no other", async () => {
    await stage.addUser("dora");
    const [one, two] = [await signIn(stage.url, "dora"), await signIn(stage.url, "dora")];
    expect((await one.get("/api/v1/chats/")).status).toBe(200);
    expectOk(await one.get("/api/v1/auths/signout"));
    expect((await one.get("/api/v1/chats/")).status).toBe(401);
    expect((await two.get("/api/v1/chats/")).status).toBe(200);
  });

  test.each([
    ["GET", "a void token", async () => ({ authorization: `Bearer ${await voidToken()}` })],
    ["POST", "a void token", async () => ({ authorization: `Bearer ${await voidToken()}` })],
    ["POST", "a void cookie", async () => ({ cookie: `token=${await voidToken()}` })],
    ["POST", "nothing", async () => ({})],
  ])("signing out by %s with %s is no fault, and clears the cookie", async (method, _what, headers) => {
    const reply = await withHeaders(await headers(), method, "/api/v1/auths/signout");
    expect(expectOk(reply)).toEqual({ status: true });
    expect(reply.headers.get("set-cookie")).toMatch(/^token=;.*Max-Age=0/);
  });

  test("signing out by an API key leaves the key", async () => {
    await stage.addUser("gina");
    const byKey = createCaller(stage.url, await newKey(await signIn(stage.url, "gina")));
    expectOk(await byKey.post("/api/v1/auths/signout"));
    expectOk(await byKey.get("/api/v1/chats/"));
  });

  test("changing the password revokes every token of the user", async () => {
    await stage.addUser("emil");
    const [one, two] = [await signIn(stage.url, "emil"), await signIn(stage.url, "emil")];
    const wrong = await one.post("/api/v1/auths/update/password", {
      password: "not the password",
      new_password: "a new password",
    });
    expect(wrong.status).toBeGreaterThanOrEqual(400);
    expect((await two.get("/api/v1/chats/")).status).toBe(200);
    expectOk(
      await one.post("/api/v1/auths/update/password", { password: PASSWORD, new_password: "a new password" }),
    );
    for (const session of [one, two]) expect((await session.get("/api/v1/chats/")).status).toBe(401);
    const old = await anonymous().post("/api/v1/auths/signin", {
      email: "emil@example.org",
      password: PASSWORD,
    });
    expect(old.status).toBeGreaterThanOrEqual(400);
    expectOk(
      await anonymous().post("/api/v1/auths/signin", {
        email: "emil@example.org",
        password: "a new password",
      }),
    );
  });
});

describe("the cookie", () => {
  const signInRaw = () =>
    anonymous().post("/api/v1/auths/signin", { email: "owner@example.org", password: PASSWORD });

  test("is set for scripts to leave alone and for other sites not to send", async () => {
    const cookie = (await signInRaw()).headers.get("set-cookie") ?? "none";
    expect(cookie).toMatch(/^token=/);
    expect(cookie).toMatch(/httponly/i);
    expect(cookie).toMatch(/samesite=(lax|strict)/i);
  });

  test("is given to a page that kept its token, and to no API key", async () => {
    const { headers } = await owner.get("/api/v1/auths/");
    expect(headers.get("set-cookie")).toContain(`token=${owner.token};`);
    const { api_key } = expectOk(await owner.post("/api/v1/auths/api_key"));
    const byKey = await createCaller(stage.url, api_key).get("/api/v1/auths/");
    expect([byKey.status, byKey.headers.get("set-cookie")]).toEqual([200, null]);
  });

  test("is given to a page that kept its token, and to no API key", async () => {
    const { headers } = await owner.get("/api/v1/auths/");
    expect(headers.get("set-cookie")).toMatch(`token=${owner.token};`);
    const { api_key } = expectOk(await owner.post("/api/v1/auths/api_key"));
    const byKey = await createCaller(stage.url, api_key).get("/api/v1/auths/");
    expect([byKey.status, byKey.headers.get("set-cookie")]).toEqual([200, null]);
  });

  const rows = [
    { name: "no Origin", origin: undefined, allowed: true },
    { name: "our own Origin", origin: "self", allowed: true },
    { name: "another site's Origin", origin: "https://evil.example", allowed: false },
    { name: "an Origin that only begins like ours", origin: "prefix", allowed: false },
    { name: "the opaque Origin", origin: "null", allowed: false },
  ];
  test.each(rows)(
    "a change asked for by cookie with $name: allowed $allowed",
    async ({ origin, allowed }) => {
      const value =
        origin === "self" ? stage.url : origin === "prefix" ? `${stage.url}.evil.example` : origin;
      const reply = await anonymous().post(
        "/api/v1/chats/new",
        { chat: {} },
        { headers: { cookie: `token=${owner.token}`, ...(value === undefined ? {} : { origin: value }) } },
      );
      if (allowed) expect(reply.status).toBe(200);
      else expect([401, 403]).toContain(reply.status);
    },
  );

  test("a Bearer token needs no Origin check, and no answer opens up to any site", async () => {
    const reply = await owner.post(
      "/api/v1/chats/new",
      { chat: {} },
      { headers: { origin: "https://tool.example" } },
    );
    expect(reply.status).toBe(200);
    expect(reply.headers.get("access-control-allow-origin")).not.toBe("*");
    expect(reply.headers.get("access-control-allow-credentials")).toBeNull();
  });
});
