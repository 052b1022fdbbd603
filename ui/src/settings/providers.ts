import { request } from "../api/request.ts";
import { models } from "../state/models.svelte.ts";

/** A provider as it is set up. `key` is a mask of the stored one, or empty where none is stored. */
export interface Connection {
  url: string;
  key: string;
  config: { enable: boolean; prefix_id?: string | null; model_ids?: string[] | null };
  /** Why it could not be asked; null where it could. */
  failure: string | null;
}

/** All that is set up; the first has a model first. */
export interface Providers {
  isEnabled: boolean;
  connections: Connection[];
}

interface WireProviders {
  ENABLE_OPENAI_API: boolean;
  OPENAI_API_BASE_URLS: string[];
  OPENAI_API_KEYS: string[];
  OPENAI_API_CONFIGS: Record<string, Connection["config"]>;
  failures: (string | null)[];
}

const parse = (wire: WireProviders): Providers => ({
  isEnabled: wire.ENABLE_OPENAI_API,
  connections: wire.OPENAI_API_BASE_URLS.map((url, index) => ({
    url,
    key: wire.OPENAI_API_KEYS[index] ?? "",
    config: wire.OPENAI_API_CONFIGS[index] ?? { enable: true },
    failure: wire.failures[index] ?? null,
  })),
});

/** @throws RequestFailed */
export async function readProviders(): Promise<Providers> {
  return parse(await request<WireProviders>("GET", "/openai/config"));
}

/** Puts others in the place of all; the models that can be asked follow. @throws RequestFailed */
export async function keepProviders({ isEnabled, connections }: Providers): Promise<Providers> {
  const body = {
    ENABLE_OPENAI_API: isEnabled,
    OPENAI_API_BASE_URLS: connections.map(({ url }) => url),
    OPENAI_API_KEYS: connections.map(({ key }) => key),
    OPENAI_API_CONFIGS: Object.fromEntries(connections.map(({ config }, index) => [index, config])),
  };
  const kept = parse(await request<WireProviders>("POST", "/openai/config/update", { body }));
  await models.load();
  return kept;
}

/** Asks one for its models, and keeps nothing; resolves with how many it lists. @throws RequestFailed */
export async function tryProvider({ url, key, config }: Omit<Connection, "failure">): Promise<number> {
  const body = { url, key, config };
  return (await request<{ data: unknown[] }>("POST", "/openai/verify", { body })).data.length;
}
