import type { Logger } from "pino";
import type { UserTable } from "../db/schema.ts";
import type { AnswerRegistry } from "./answers/answer-registry.ts";
import type { Authenticator } from "./auth/authenticate.ts";
import type { Sealer } from "./auth/sealer.ts";
import type { SignInGuard } from "./auth/sign-in-guard.ts";
import type { TokenSigner } from "./auth/tokens.ts";
import type { ServerConfig } from "./config.ts";
import type { Bus } from "./events/bus.ts";
import type { Quotas } from "./guard/quotas.ts";
import type { UsageLedger } from "./guard/usage-ledger.ts";
import type { Journals } from "./journal/journals.ts";
import type { KnowledgeParts } from "./knowledge/knowledge-parts.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { ModelCatalogue } from "./models/model-catalogue.ts";
import type { NodeLink } from "./nodes/node-link.ts";
import type { ProviderRegistry } from "./providers/registry.ts";
import type { ProviderConnections } from "./settings/provider-connections.ts";
import type { SettingsKeeper } from "./settings/server-settings.ts";
import type { Store } from "./store/store.ts";
import type { Tracing } from "./tracing/tracing.ts";
import type { WebUi } from "./web-ui.ts";

/** Tells the time; tests bring their own. */
export interface Clock {
  nowMs(): number;
}

/** Knows which socket sessions are, or were a moment ago, connected to any node. */
export interface Sessions {
  /** A session of this user that is connected, or closed less than 60 s ago. */
  isLive(userId: string, sessionId: string): Promise<boolean>;
  /** Users with a connected session, each once. */
  present(): string[];
}

/** What use-cases work with. There are no globals. */
export interface Context {
  readonly config: ServerConfig;
  readonly store: Store;
  readonly settings: SettingsKeeper;
  readonly connections: ProviderConnections;
  /** Seals and masks providers' secrets. */
  readonly sealer: Sealer;
  readonly bus: Bus;
  readonly providers: ProviderRegistry;
  readonly models: ModelCatalogue;
  readonly answers: AnswerRegistry;
  readonly knowledge: KnowledgeParts;
  readonly journals: Journals;
  readonly authenticator: Authenticator;
  readonly signer: TokenSigner;
  readonly signInGuard: SignInGuard;
  readonly quotas: Quotas;
  readonly usage: UsageLedger;
  /** Null where nobody may read them. */
  readonly metrics: Metrics | null;
  readonly tracing: Tracing;
  /** Lets the first sign-up come from another machine. */
  readonly setupToken: string;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The web UI that is served; null for the API alone. */
  readonly webUi: WebUi | null;
  /** Files of our own web UI by their paths, where that is served. */
  readonly ui: ReadonlyMap<string, string> | null;
  readonly log: Logger;
  /** Names this process in leases; also what ran on the same data folder before. */
  readonly owner: string;
  /** The other servers on the database. */
  readonly link: NodeLink;
}

/** The user that a request or a socket was found to be. */
export type User = UserTable;

/** Unix seconds of a clock. */
export function nowSec(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}
