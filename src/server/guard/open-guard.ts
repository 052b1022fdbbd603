import type { Logger } from "pino";
import type { ServerConfig } from "../config.ts";
import type { Clock } from "../context.ts";
import type { Store } from "../store/store.ts";
import { createQuotas, type Quotas } from "./quotas.ts";
import { createUsageLedger, type UsageLedger } from "./usage-ledger.ts";

/** The parts that keep users within what they may use. Close the ledger. */
export function openGuard(parts: { config: ServerConfig; store: Store; clock: Clock; log: Logger }): {
  quotas: Quotas;
  usage: UsageLedger;
} {
  const { config, store, clock, log } = parts;
  const nowMs = () => clock.nowMs();
  const usage = createUsageLedger({ store, nowMs, log });
  const { maxStreamsPerUser } = config.limits;
  return {
    usage,
    quotas: createQuotas({ store, ledger: usage, config: config.guard, maxStreamsPerUser, nowMs }),
  };
}
