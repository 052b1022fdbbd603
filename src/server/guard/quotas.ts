import type { ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";
import type { RateLimiterMemory } from "rate-limiter-flexible";
import { OffstageError } from "../../errors.ts";
import type { Identity } from "../auth/authenticate.ts";
import type { QuotaKey } from "../store/quota-store.ts";
import type { Store } from "../store/store.ts";
import type { GuardConfig } from "./guard-config.ts";
import { Quota } from "./quota.ts";
import type { Usage, UsageLedger } from "./usage-ledger.ts";

/** How far a caller is into the minute that its requests are counted in. */
export interface RequestWindow {
  holder: "user" | "key" | "address";
  limit: number;
  remaining: number;
  /** Until the count begins anew. */
  resetSec: number;
}

/** The right to make some answers, held until each has ended. */
export interface Admission {
  /** An answer that was admitted is not made: it was running already, or its beginning failed. */
  giveBack(): void;
  /** An answer has ended. */
  ended(): void;
  /** Counts tokens that providers have counted. */
  spend(tokens: number): void;
  /** Whether tokens are limited, so that providers have to be asked for their count. */
  readonly needsTokens: boolean;
}

/** Keeps users, API keys and addresses within what they may use. All refusals are `rate_limited`, with `retryAfterSec`. */
export interface Quotas {
  /** Counts a request; null where nothing limits it. @throws OffstageError `rate_limited` */
  takeRequest(identity: Identity): Promise<RequestWindow | null>;
  /** Counts a request without a valid credential. @throws OffstageError `rate_limited` */
  takeAnonymous(address: string): Promise<RequestWindow | null>;
  /** @throws OffstageError `rate_limited` */
  admit(identity: Identity, answers: number): Promise<Admission>;
  /** Counts a streamed answer until its connection is done. @throws OffstageError `rate_limited` */
  takeStream(userId: string, response: ServerResponse): void;
  /** What holds for a user or a key: its own quota, else the one for all. */
  quotaOf(key: QuotaKey): Promise<Quota>;
  /** To be called after a change of a quota; a process that is not told of it sees it within ten seconds. */
  forget(key: QuotaKey): void;
}

const MINUTE_SEC = 60;
const QUOTA_TTL_MS = 10_000;
const QUOTAS_KEPT = 10_000;
/** When an answer ends cannot be known. */
const BUSY_RETRY_SEC = 2;

const nameOf = ({ user_id, holder }: QuotaKey) => `${holder} ${user_id}`;

/** A key with the name by which it is counted here. */
interface NamedKey extends QuotaKey {
  name: string;
}

const keysOfIdentities = new WeakMap<Identity, readonly NamedKey[]>();

/** Whom a request counts for: the user, and the API key that was used. Asked of the same few again and again. */
function keysOf(identity: Identity): readonly NamedKey[] {
  const known = keysOfIdentities.get(identity);
  if (known) return known;
  const { user, apiKey } = identity;
  const keys = (apiKey === null ? ["user"] : ["user", apiKey.id]).map((holder) => {
    const key = { user_id: user.id, holder };
    return { ...key, name: nameOf(key) };
  });
  keysOfIdentities.set(identity, keys);
  return keys;
}

const kindOf = ({ holder }: QuotaKey) => (holder === "user" ? "user" : "key");

const OWNER = { user: "You", key: "This API key", address: "This address" } as const;

function refuse(holder: RequestWindow["holder"], limit: string, retryAfterSec: number): OffstageError {
  const message = `${OWNER[holder]} may ${limit}: try again in ${retryAfterSec} seconds.`;
  return new OffstageError("rate_limited", message, { details: { retryAfterSec } });
}

export function createQuotas(parts: {
  store: Store;
  ledger: UsageLedger;
  config: GuardConfig;
  maxStreamsPerUser: number;
  nowMs: () => number;
}): Quotas {
  const { store, ledger, config, nowMs } = parts;
  /** Made for the first who is limited: most servers limit nobody. */
  let requests: Promise<RateLimiterMemory> | null = null;
  const known = new LRUCache<string, Quota>({ max: QUOTAS_KEPT, ttl: QUOTA_TTL_MS });
  /** Answers in the making of this process; absent for none. */
  const running = new Map<string, number>();
  /** Streamed answers that users read now; absent for none. */
  const streams = new Map<string, number>();

  async function quotaOf(key: QuotaKey): Promise<Quota> {
    const name = nameOf(key);
    const cached = known.get(name);
    if (cached) return cached;
    const own = Quota.safeParse(await store.quotas.findQuota(store.read, key)).data;
    const quota = own ?? (kindOf(key) === "user" ? config.userQuota : config.keyQuota);
    known.set(name, quota);
    return quota;
  }

  async function take(holder: RequestWindow["holder"], name: string, limit: number): Promise<RequestWindow> {
    requests ??= import("./request-counter.ts").then((module) => module.createRequestCounter(MINUTE_SEC));
    const { consumedPoints, msBeforeNext } = await (await requests).consume(name);
    const resetSec = Math.max(1, Math.ceil(msBeforeNext / 1000));
    if (consumedPoints > limit) throw refuse(holder, `make ${limit} requests a minute`, resetSec);
    return { holder, limit, remaining: limit - consumedPoints, resetSec };
  }

  function changeRunning(keys: readonly NamedKey[], by: number): void {
    for (const { name } of keys) {
      const now = (running.get(name) ?? 0) + by;
      if (now === 0) running.delete(name);
      else running.set(name, now);
    }
  }

  const untilTomorrowSec = () => {
    const dayMs = 24 * 3600 * 1000;
    return Math.ceil((dayMs - (nowMs() % dayMs)) / 1000);
  };

  async function assertBudget(key: QuotaKey, quota: Quota, answers: number): Promise<void> {
    const { answers_per_day: mostAnswers, tokens_per_day: mostTokens } = quota;
    if (typeof mostAnswers !== "number" && typeof mostTokens !== "number") return;
    const used: Usage = await ledger.today(key);
    if (typeof mostAnswers === "number" && used.answers + answers > mostAnswers)
      throw refuse(
        kindOf(key),
        `have ${mostAnswers} answers a day, of which ${used.answers} are used`,
        untilTomorrowSec(),
      );
    if (typeof mostTokens === "number" && used.tokens >= mostTokens)
      throw refuse(
        kindOf(key),
        `use ${mostTokens} tokens a day, and has used ${used.tokens}`,
        untilTomorrowSec(),
      );
  }

  return {
    quotaOf,
    forget: (key) => void known.delete(nameOf(key)),
    async takeRequest(identity) {
      let tightest: RequestWindow | null = null;
      for (const key of keysOf(identity)) {
        const { requests_per_minute: limit } = known.get(key.name) ?? (await quotaOf(key));
        if (typeof limit !== "number") continue;
        const window = await take(kindOf(key), key.name, limit);
        if (tightest === null || window.remaining < tightest.remaining) tightest = window;
      }
      return tightest;
    },
    async takeAnonymous(address) {
      const limit = config.addressRequestsPerMinute;
      return limit === null ? null : take("address", `address ${address}`, limit);
    },
    takeStream(userId, response) {
      const open = streams.get(userId) ?? 0;
      const { maxStreamsPerUser } = parts;
      if (open >= maxStreamsPerUser)
        throw refuse("user", `read ${maxStreamsPerUser} streamed answers at once`, BUSY_RETRY_SEC);
      streams.set(userId, open + 1);
      response.once("close", () => {
        const left = streams.get(userId)! - 1;
        if (left === 0) streams.delete(userId);
        else streams.set(userId, left);
      });
    },
    async admit(identity, answers) {
      const keys = keysOf(identity);
      let needsTokens = false;
      for (const key of keys) {
        const quota = await quotaOf(key);
        needsTokens ||= typeof quota.tokens_per_day === "number";
        await assertBudget(key, quota, answers);
      }
      // Nothing is awaited from here on, so that requests at once cannot all find room for the last one.
      for (const key of keys) {
        const limit = known.get(key.name)?.answers_at_once;
        if (typeof limit === "number" && (running.get(key.name) ?? 0) + answers > limit)
          throw refuse(kindOf(key), `have ${limit} answers in the making at once`, BUSY_RETRY_SEC);
      }
      changeRunning(keys, answers);
      for (const key of keys) ledger.add(key, { answers, tokens: 0 });
      return {
        needsTokens,
        giveBack() {
          changeRunning(keys, -1);
          for (const key of keys) ledger.add(key, { answers: -1, tokens: 0 });
        },
        ended: () => changeRunning(keys, -1),
        spend(tokens) {
          if (tokens > 0) for (const key of keys) ledger.add(key, { answers: 0, tokens });
        },
      };
    },
  };
}
