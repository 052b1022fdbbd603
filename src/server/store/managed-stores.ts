import type { ApiKeyStore } from "./api-key-store.ts";
import type { GroupStore } from "./group-store.ts";
import type { ModelStore } from "./model-store.ts";

/** What access is made of: API keys, models, and groups of users. */
export interface ManagedStores {
  readonly apiKeys: ApiKeyStore;
  readonly models: ModelStore;
  readonly groups: GroupStore;
}
