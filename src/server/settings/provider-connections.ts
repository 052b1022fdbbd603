import type { Logger } from "pino";
import * as z from "zod";
import type { Sealer } from "../auth/sealer.ts";
import { type Connection, ConnectionConfig } from "../providers/connection.ts";
import type { ConnectionPool } from "../providers/connection-pool.ts";
import type { Provider } from "../providers/provider.ts";
import type { ProviderRegistry } from "../providers/registry.ts";
import type { Store } from "../store/store.ts";

/** The endpoints that answer chats, in the order in which their models are looked for. */
export interface ConnectionList {
  /** False leaves all of them out. */
  enabled: boolean;
  connections: readonly Connection[];
}

/** The endpoints as an administrator has set them up, and whoever answers by them. */
export interface ProviderConnections {
  readonly current: ConnectionList;
  /** Stores a list and puts it in place at once; answers under way go on with the providers they have. */
  keep(list: ConnectionList): Promise<void>;
  /** Reads the list again, and puts it in place: another process on the same database may have changed it. */
  read(): Promise<void>;
  /** Lists what a connection's endpoint has, whether it is used or not. @throws OffstageError what the endpoint does */
  try(connection: Connection): ReturnType<Provider["listModels"]>;
  /** Why a connection's models could not be listed the last time; null where they could, or nobody has asked. */
  failureOf(connection: Connection): string | null;
}

const SETTING = "providers";

const StoredConnection = z.object({
  url: z.url(),
  /** `{apiKey, headers}` as JSON, sealed. */
  sealed: z.string(),
  config: ConnectionConfig,
});
const StoredList = z.object({ enabled: z.boolean(), connections: z.array(StoredConnection) });
const Secrets = z.object({ apiKey: z.string(), headers: z.record(z.string(), z.string()) });

function seal({ url, apiKey, config }: Connection, sealer: Sealer): z.infer<typeof StoredConnection> {
  const { headers, ...rest } = config;
  return { url, sealed: sealer.seal(JSON.stringify({ apiKey, headers: headers ?? {} })), config: rest };
}

function open(stored: z.infer<typeof StoredConnection>, sealer: Sealer, log: Logger): Connection {
  const { url, sealed, config } = stored;
  const text = sealer.open(sealed);
  if (text === null) {
    const message = "The key of a provider was stored under another secret: enter it again in the settings.";
    log.warn({ url }, message);
    return { url, apiKey: "", config };
  }
  const { apiKey, headers } = Secrets.parse(JSON.parse(text));
  return { url, apiKey, config: Object.keys(headers).length > 0 ? { ...config, headers } : config };
}

function openList(stored: unknown, sealer: Sealer, log: Logger): ConnectionList {
  const { enabled, connections } = StoredList.parse(stored);
  return { enabled, connections: connections.map((connection) => open(connection, sealer, log)) };
}

/**
 * Puts in place what an administrator stored last; `seed`, from the environment, until then. `fixed` are providers that
 * are not connections, such as the model in this process; they come last.
 */
export async function openConnections(parts: {
  store: Store;
  sealer: Sealer;
  pool: ConnectionPool;
  registry: ProviderRegistry;
  fixed: readonly Provider[];
  seed: readonly { baseUrl: string; apiKey: string }[];
  log: Logger;
}): Promise<ProviderConnections> {
  const { store, sealer, pool, registry, log } = parts;
  const stored = await store.settings.findSetting(store.read, SETTING);
  let current: ConnectionList;
  if (stored === undefined) {
    const connections = parts.seed.map(({ baseUrl, apiKey }) => ({
      url: baseUrl,
      apiKey,
      config: ConnectionConfig.parse({}),
    }));
    current = { enabled: true, connections };
  } else {
    current = openList(stored, sealer, log);
    const { connections } = current;
    const unused = parts.seed.filter(({ baseUrl }) => !connections.some(({ url }) => url === baseUrl));
    if (unused.length > 0) {
      const urls = unused.map(({ baseUrl }) => baseUrl);
      log.warn(
        { urls },
        "providers of the environment are not used: the list in the settings has been changed",
      );
    }
  }

  const putInPlace = () =>
    registry.replace([...pool.use(current.enabled ? current.connections : []), ...parts.fixed]);
  putInPlace();

  return {
    get current() {
      return current;
    },
    async read() {
      const changed = await store.settings.findSetting(store.read, SETTING);
      if (changed === undefined) return;
      current = openList(changed, sealer, log);
      putInPlace();
    },
    async keep({ enabled, connections }) {
      const value = { enabled, connections: connections.map((connection) => seal(connection, sealer)) };
      await store.write((tx) => store.settings.putSetting(tx, SETTING, value));
      current = { enabled, connections };
      putInPlace();
    },
    async try(connection) {
      const provider = pool.open(connection);
      try {
        return await provider.listModels();
      } finally {
        await provider.close();
      }
    },
    failureOf(connection) {
      const name = pool.nameOf(connection);
      return registry.failures.find(({ provider }) => provider === name)?.error.message ?? null;
    },
  };
}
