import { OffstageError } from "../../errors.ts";
import { isMask } from "../auth/sealer.ts";
import type { Context } from "../context.ts";
import type { Connection, ConnectionConfig } from "../providers/connection.ts";
import type { ProviderModel } from "../providers/provider.ts";

/** A connection as an administrator's page posts it: a secret may be the mask of one that is stored. */
export interface PostedConnection {
  url: string;
  key: string;
  config: ConnectionConfig;
}

const refuse = (message: string) => new OffstageError("bad_input", message);

/** An endpoint's address without the slashes at its end. @throws OffstageError `bad_input` */
function parseUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse(
      `"${text.slice(0, 200)}" is not an address of a provider: give one such as https://api.openai.com/v1.`,
    );
  }
  if (url.username || url.password) {
    throw refuse(`The address at ${url.host} holds a name or a password: give the API key in its own field.`);
  }
  return text.trim().replace(/\/+$/, "");
}

/** Ways of other kinds of endpoints, which nothing here speaks. @throws OffstageError `bad_input` */
function assertSpoken(url: string, config: ConnectionConfig): void {
  const { auth_type: auth = "bearer", api_type: api, azure, provider } = config;
  if (azure === true || provider === "azure" || provider === "azure_openai") {
    throw refuse(
      `${url}: Azure's own addresses are not spoken here; give its OpenAI-compatible /openai/v1 address.`,
    );
  }
  if (auth !== "" && auth !== null && auth !== "bearer" && auth !== "none") {
    throw refuse(
      `${url}: the sign-in "${String(auth)}" is not offered here: choose an API key (bearer), or none.`,
    );
  }
  if (api === "responses")
    throw refuse(`${url}: OpenAI's Responses API is not spoken here: choose chat completions.`);
}

/**
 * A posted connection with its secrets in place of their masks. A mask stands only for what is stored at the same origin:
 * a key goes nowhere but where it was meant for, whoever has got hold of an administrator's session.
 * @throws OffstageError `bad_input`
 */
function unmask({ connections, sealer }: Context, posted: PostedConnection): Connection {
  const url = parseUrl(posted.url);
  assertSpoken(url, posted.config);
  const { origin } = new URL(url);
  const known = connections.current.connections.filter((stored) => new URL(stored.url).origin === origin);
  const secrets = known.flatMap(({ apiKey, config }) => [apiKey, ...Object.values(config.headers ?? {})]);
  const reveal = (text: string) => {
    if (!isMask(text)) return text;
    const secret = secrets.find((one) => sealer.mask(one) === text);
    if (secret !== undefined) return secret;
    throw refuse(`No key is stored for ${origin} that "${text}" could stand for: enter the key again.`);
  };
  const { headers, ...config } = posted.config;
  const shown = Object.entries(headers ?? {}).map(([name, value]) => [name, reveal(value)]);
  return {
    url,
    apiKey: reveal(posted.key),
    config: shown.length > 0 ? { ...config, headers: Object.fromEntries(shown) } : config,
  };
}

/** The connections as pages show them, their secrets masked. */
export function listConnections({ connections, providers, sealer }: Context) {
  // Whoever looks wants to know how they are: the next look has what this list finds.
  void providers.listModels();
  const mask = (secret: string) => (secret === "" ? "" : sealer.mask(secret));
  const { enabled, connections: all } = connections.current;
  return {
    enabled,
    connections: all.map((connection) => {
      const { url, apiKey, config } = connection;
      const { headers, ...rest } = config;
      const masked = Object.entries(headers ?? {}).map(([name, value]) => [name, mask(value)]);
      return {
        url,
        key: mask(apiKey),
        config: masked.length > 0 ? { ...rest, headers: Object.fromEntries(masked) } : rest,
        failure: enabled && config.enable ? connections.failureOf(connection) : null,
      };
    }),
  };
}

/** Puts a list of connections in the place of the former. @throws OffstageError `bad_input` */
export async function changeConnections(
  context: Context,
  list: { enabled: boolean; connections: readonly PostedConnection[] },
): Promise<void> {
  const connections = list.connections.map((posted) => unmask(context, posted));
  await context.connections.keep({ enabled: list.enabled, connections });
}

/** What an endpoint lists, whether it is used or not. @throws OffstageError `bad_input`, or what the endpoint does */
export async function tryConnection(context: Context, posted: PostedConnection): Promise<ProviderModel[]> {
  const connection = unmask(context, posted);
  return context.connections.try(withoutChoice(connection));
}

/** What the endpoint of a connection lists, by its place. @throws OffstageError `not_found`, or what the endpoint does */
export async function listEndpoint({ connections }: Context, index: number): Promise<ProviderModel[]> {
  const connection = connections.current.connections[index];
  if (!connection)
    throw new OffstageError("not_found", `There is no connection ${index}: they count from 0.`);
  return connections.try(withoutChoice(connection));
}

/** All that there is, and not what is offered of it. */
function withoutChoice(connection: Connection): Connection {
  const { prefix_id: _prefix, model_ids: _models, ...config } = connection.config;
  return { ...connection, config };
}
