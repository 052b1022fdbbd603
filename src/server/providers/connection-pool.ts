import type { Connection } from "./connection.ts";
import { createConnectionProvider } from "./connection.ts";
import { createOpenAiProvider } from "./openai-compatible.ts";
import type { Provider } from "./provider.ts";

/** Makes providers of connections; one that did not change stays the same provider, with its sockets. */
export interface ConnectionPool {
  /** The providers of those that are enabled, in their order. */
  use(connections: readonly Connection[]): Provider[];
  /** A provider for one test of a connection; the caller closes it. */
  open(connection: Connection): Provider;
  /** What the provider of a connection is called in errors. */
  nameOf(connection: Connection): string;
  /** Closes those that are no longer used; the others are whose list they are on. */
  close(): Promise<void>;
}

/**
 * Providers that are no longer used but may still be answering: they keep no sockets but those of their answers. The one
 * that has been out of use longest is closed where there would be more.
 */
const MAX_RETIRED = 64;

export function createConnectionPool(options: {
  idleTimeoutMs: number;
  traceHeaders?: () => Readonly<Record<string, string>>;
}): ConnectionPool {
  /** In use, by all that makes them what they are. */
  let used = new Map<string, Provider>();
  const retired: Provider[] = [];

  const nameOf = ({ url, config }: Connection) => {
    const { host, pathname } = new URL(url);
    const path = pathname.replace(/\/(v\d+\/?)?$/, "");
    return host + path + (config.prefix_id ? ` (${config.prefix_id})` : "");
  };

  function open(connection: Connection): Provider {
    const { url, apiKey, config } = connection;
    const endpoint = createOpenAiProvider({
      name: nameOf(connection),
      baseUrl: url,
      apiKey,
      headers: config.headers ?? {},
      idleTimeoutMs: options.idleTimeoutMs,
      traceHeaders: options.traceHeaders,
    });
    return createConnectionProvider(endpoint, config);
  }

  return {
    use(connections) {
      const next = new Map<string, Provider>();
      for (const connection of connections) {
        if (!connection.config.enable) continue;
        const key = JSON.stringify(connection);
        next.set(key, used.get(key) ?? open(connection));
      }
      retired.push(...[...used].filter(([key]) => !next.has(key)).map(([, provider]) => provider));
      for (const provider of retired.splice(0, retired.length - MAX_RETIRED)) void provider.close();
      used = next;
      return [...next.values()];
    },
    open,
    nameOf,
    async close() {
      await Promise.all(retired.splice(0).map((provider) => provider.close()));
    },
  };
}
