import { asOffstageError, type OffstageError } from "../../errors.ts";
import type { FoundModel, Provider, ProviderModel } from "./provider.ts";

export interface ProviderRegistryOptions {
  /** Milliseconds that only grow; `Date.now` by default. */
  clock?: () => number;
  /** How long a list of models is answered from memory. */
  ttlMs?: number;
  /** Shortest time between two lists that an unknown model id, or the failure of a provider, causes. */
  retryMs?: number;
  /** Stands in for a provider where it is asked to complete. */
  observe?: (provider: Provider) => Provider;
  /** Told when a provider that could be asked before cannot be asked any more. */
  onFailure?: (failure: ProviderFailure) => void;
}

/** A provider that could not list its models, and why. */
export interface ProviderFailure {
  provider: string;
  error: OffstageError;
}

/** All models of all providers, as one list. */
export interface ProviderRegistry {
  /**
   * The models of all providers, in the providers' order; of an id that several offer, the first. Never throws: a
   * provider that fails keeps the models that it listed last, and is named in `failures`. The same array until the
   * providers are asked again.
   */
  listModels(): Promise<readonly ProviderModel[]>;
  /** The model of that id and who answers for it. An id that is not known is looked for again, but not at each call. */
  find(modelId: string): Promise<FoundModel | undefined>;
  /** The same, from what is known at this moment. */
  peek(modelId: string): FoundModel | undefined;
  /** The providers whose last list failed. */
  readonly failures: readonly ProviderFailure[];
  /** Puts other providers in place: their models are there with the next list. Answers under way keep theirs. */
  replace(providers: readonly Provider[]): void;
  /** Connections and requests of the providers that keep some. */
  depths(): { queue: string; state: string; count: number }[];
  /** Closes the providers that are in place. */
  close(): Promise<void>;
}

/** Registry over `providers`, first come first served; lists are fetched when first asked for and kept for `ttlMs`. */
export function createProviderRegistry(
  firstProviders: readonly Provider[],
  options: ProviderRegistryOptions = {},
): ProviderRegistry {
  const { clock = Date.now, ttlMs = 60_000, retryMs = 5_000 } = options;
  let providers = firstProviders;
  /** What each provider listed last; kept when a later list fails. */
  let lists = new Map<Provider, ProviderModel[]>();
  /** By model id, over all `lists`; replaced as a whole. */
  let models = new Map<string, FoundModel>();
  /** The same as a list. */
  let listed: readonly ProviderModel[] = [];
  let failures: ProviderFailure[] = [];
  /** When the last list began; null before the first. */
  let listedAtMs: number | null = null;
  /** The list that is under way, shared by all who ask meanwhile. */
  let listing: Promise<void> | null = null;

  async function list(): Promise<void> {
    const asked = providers;
    const failed: ProviderFailure[] = [];
    const listOne = async (provider: Provider) => {
      try {
        const listed = await provider.listModels();
        if (asked === providers) lists.set(provider, listed);
      } catch (thrown) {
        failed.push({ provider: provider.name, error: asOffstageError(thrown) });
      }
    };
    await Promise.all(asked.map(listOne));
    if (asked !== providers) return;
    const isKnown = ({ provider }: ProviderFailure) => failures.some((known) => known.provider === provider);
    for (const failure of failed) if (!isKnown(failure)) options.onFailure?.(failure);
    failures = failed;
    merge();
  }

  function merge(): void {
    const found = new Map<string, FoundModel>();
    for (const provider of providers) {
      const asked = options.observe?.(provider) ?? provider;
      for (const model of lists.get(provider) ?? []) {
        if (!found.has(model.id)) found.set(model.id, { provider: asked, model });
      }
    }
    models = found;
    listed = Array.from(found.values(), ({ model }) => model);
  }

  /** Resolves once a list not older than `maxAgeMs` is there. */
  function refresh(maxAgeMs: number): Promise<void> {
    if (listing !== null) return listing;
    if (listedAtMs !== null && clock() - listedAtMs < maxAgeMs) return Promise.resolve();
    listedAtMs = clock();
    const begun = list().finally(() => {
      if (listing === begun) listing = null;
    });
    listing = begun;
    return begun;
  }

  return {
    async listModels() {
      const refreshed = refresh(failures.length > 0 ? retryMs : ttlMs);
      // One provider that hangs does not make everyone wait for the models of the others.
      const isNew = (provider: Provider) =>
        !lists.has(provider) && !failures.some((failure) => failure.provider === provider.name);
      if (failures.length === 0 || models.size === 0 || providers.some(isNew)) await refreshed;
      return listed;
    },
    async find(modelId) {
      const known = models.get(modelId);
      if (known !== undefined) {
        // A known model does not wait for the list to be renewed.
        void refresh(ttlMs);
        return known;
      }
      await refresh(retryMs);
      return models.get(modelId);
    },
    peek: (modelId) => models.get(modelId),
    get failures() {
      return failures;
    },
    replace(next) {
      providers = next;
      lists = new Map([...lists].filter(([provider]) => next.includes(provider)));
      failures = failures.filter(({ provider }) => next.some(({ name }) => name === provider));
      listedAtMs = null;
      listing = null;
      merge();
    },
    depths: () =>
      providers.flatMap((provider) =>
        Object.entries(provider.depths?.() ?? {}).map(([state, count]) => ({
          queue: `provider ${provider.name}`,
          state,
          count,
        })),
      ),
    async close() {
      await Promise.all(providers.map((provider) => provider.close()));
    },
  };
}
