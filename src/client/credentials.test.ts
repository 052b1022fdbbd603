import { describe, expect, it } from "vitest";
import { recordedResponse } from "../../test/support/recordings.ts";
import { clientOf, models, refused, restlessClock } from "../../test/support/scripted-client.ts";
import type { FetchScript } from "../../test/support/scripted-fetch.ts";

describe("a client with credentials", () => {
  const credentials = { email: "admin@example.com", password: "secret" };
  /** A server on which only the last token that it gave is good; `expire` makes it forget that. */
  function strictServer() {
    let given = 0;
    let expired = false;
    const script: FetchScript = ({ path, headers }) => {
      if (path === "/api/v1/auths/signin") {
        expired = false;
        return Response.json({ id: "u", token: `jwt-${++given}`, expires_at: 7 });
      }
      const good = !expired && headers.get("authorization") === `Bearer jwt-${given}`;
      return good ? models() : refused(401, "Your session has expired or the token is invalid.");
    };
    const expire = () => {
      expired = true;
    };
    return { script, expire };
  }

  it("signs in at its first call, once for calls at the same time", async () => {
    const { script } = strictServer();
    const { client, seen } = clientOf(script, { token: undefined, credentials });
    await Promise.all([client.listModels(), client.listModels(), client.listModels()]);
    expect(seen.map(({ path }) => path)).toEqual([
      "/api/v1/auths/signin",
      "/api/models",
      "/api/models",
      "/api/models",
    ]);
    expect(seen[0]!.body).toEqual(credentials);
    expect(seen[0]!.headers.has("authorization")).toBe(false);
  });

  it("signs in again when the token has expired, once for calls at the same time", async () => {
    const { script, expire } = strictServer();
    const { client, seen } = clientOf(script, { token: undefined, credentials });
    await client.listModels();
    expire();
    await Promise.all([client.listModels(), client.listModels()]);
    expect(seen.filter(({ path }) => path === "/api/v1/auths/signin")).toHaveLength(2);
  });

  it("gives up when a fresh token is refused too", async () => {
    const { client, seen } = clientOf(
      ({ path }) =>
        path.endsWith("/signin") ? Response.json({ id: "u", token: "jwt-1" }) : refused(401, "Unauthorized"),
      { credentials },
    );
    await expect(client.listModels()).rejects.toMatchObject({ code: "unauthorized" });
    expect(seen.map(({ path }) => path)).toEqual(["/api/models", "/api/v1/auths/signin", "/api/models"]);
  });

  it("does not sign in for what is only not found or not allowed", async () => {
    const { client, seen } = clientOf(() => refused(401, "We could not find what you're looking for :/"), {
      credentials,
    });
    await expect(client.getChat("c")).rejects.toMatchObject({ code: "not_found" });
    expect(seen).toHaveLength(1);
  });

  it("says so when they are wrong", async () => {
    const { client } = clientOf(() => refused(400, "The email or password provided is incorrect."), {
      token: undefined,
      credentials,
    });
    await expect(client.listModels()).rejects.toMatchObject({ code: "unauthorized", status: 400 });
  });

  it("lets a caller give up while others wait for the sign-in", async () => {
    const signIn = Promise.withResolvers<Response>();
    const { client } = clientOf(({ path }) => (path.endsWith("/signin") ? signIn.promise : models()), {
      token: undefined,
      credentials,
    });
    const caller = new AbortController();
    const given = client.listModels({ signal: caller.signal });
    const patient = client.listModels();
    caller.abort();
    await expect(given).rejects.toMatchObject({ code: "cancelled" });
    signIn.resolve(Response.json({ id: "u", token: "jwt-1" }));
    expect(await patient).toHaveLength(1);
  });
});

describe("a client without credentials", () => {
  const jwt = (payload: object) =>
    ["e30", Buffer.from(JSON.stringify(payload)).toString("base64url"), "signature"].join(".");
  const at = (date: string) => ({ headers: { date }, status: 401 });

  it.each([
    ["has expired by the server's clock", jwt({ exp: 60 }), /\. It expired at 1970-01-01T00:01:00\.000Z; /],
    ["holds for longer", jwt({ exp: 7_200 }), /sign in again\.$/],
    ["never expires", jwt({ id: "u" }), /sign in again\.$/],
    ["is no JWT", "sk-key", /sign in again\.$/],
  ])("says of a refused token that %s", async (_name, token, sentence) => {
    const body = { detail: "401 Unauthorized" };
    const { client } = clientOf(() => Response.json(body, at("Thu, 01 Jan 1970 01:00:00 GMT")), { token });
    await expect(client.listModels()).rejects.toMatchObject({
      code: "unauthorized",
      status: 401,
      message: expect.stringMatching(sentence),
    });
  });

  it("passes on that its token is refused", async () => {
    const { client, seen } = clientOf(() => recordedResponse("0.6.15/90_bad_token"));
    await expect(client.listModels()).rejects.toMatchObject({ code: "unauthorized", status: 401 });
    expect(seen).toHaveLength(1);
  });
});

it("the server's time follows its last answer", async () => {
  const clock = restlessClock(1_000);
  const { client } = clientOf(
    () => Response.json({ data: [] }, { headers: { date: "Thu, 01 Jan 1970 00:01:00 GMT" } }),
    { clock },
  );
  expect(client.serverNowMs()).toBeNull();
  await client.listModels();
  expect(client.serverNowMs()).toBe(60_000);
  await clock.sleep(500);
  expect(client.serverNowMs()).toBe(60_500);
});
