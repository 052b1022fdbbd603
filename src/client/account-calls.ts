import { filledString } from "../contract/json-shape.ts";
import { ApiError } from "../errors.ts";
import type { AccessToken } from "./access-token.ts";
import { recordAnswer, stringField } from "./answer-shapes.ts";
import type { CallOptions, OpenWebUiClient, SessionUser } from "./client-interface.ts";
import type { Transport } from "./transport.ts";

type AccountCalls = Pick<
  OpenWebUiClient,
  "session" | "signIn" | "signUp" | "signOut" | "createApiKey" | "getApiKey" | "deleteApiKey"
>;

const SIGN_OUT = "/api/v1/auths/signout";
const API_KEY = "/api/v1/auths/api_key";

/** The calls about who is calling. Signing in, up and out changes the token of all later calls. */
export function createAccountCalls(transport: Transport, token: AccessToken): AccountCalls {
  const enter = async (path: string, body: object, repeatable: boolean, options?: CallOptions) => {
    const answer = await transport.json({ method: "POST", path, body, repeatable, anonymous: true }, options);
    const user = decodeSession(answer);
    token.set(user.token);
    return user;
  };

  return {
    session: async (options) =>
      decodeSession(await transport.json({ method: "GET", path: "/api/v1/auths/" }, options)),
    signIn: async (credentials, options) => {
      try {
        return await enter("/api/v1/auths/signin", credentials, true, options);
      } catch (thrown) {
        throw asRefusedSignIn(thrown);
      }
    },
    signUp: (account, options) => enter("/api/v1/auths/signup", account, false, options),
    signOut: async (options) => {
      try {
        await transport.json({ method: "POST", path: SIGN_OUT, repeatable: true }, options);
      } catch (thrown) {
        // 0.6.15 has it as a GET, 0.12.4 as a POST only.
        if (!(thrown instanceof ApiError) || thrown.status !== 405) throw thrown;
        await transport.json({ method: "GET", path: SIGN_OUT }, options);
      }
      token.set(null);
    },
    createApiKey: async (options) =>
      stringField("an API key", await transport.json({ method: "POST", path: API_KEY }, options), "api_key"),
    getApiKey: async (options) =>
      stringField("an API key", await transport.json({ method: "GET", path: API_KEY }, options), "api_key"),
    deleteApiKey: async (options) => {
      await transport.json({ method: "DELETE", path: API_KEY, repeatable: true }, options);
    },
  };
}

/** Open WebUI answers 400 to a wrong password. */
function asRefusedSignIn(thrown: unknown): unknown {
  if (!(thrown instanceof ApiError) || thrown.code !== "bad_input") return thrown;
  return new ApiError("unauthorized", `${thrown.message} Check the email address and the password.`, thrown, {
    cause: thrown,
  });
}

function decodeSession(body: unknown): SessionUser {
  const user = recordAnswer("a user", body);
  return {
    id: user.id,
    email: filledString(user.email) ?? "",
    name: filledString(user.name) ?? "",
    role: filledString(user.role) ?? "",
    token: filledString(user.token),
    expiresAtSec: typeof user.expires_at === "number" ? user.expires_at : null,
  };
}
