import * as z from "zod";
import { OffstageError } from "../../errors.ts";
import type { GuardConfig } from "./guard-config.ts";
import { Quota } from "./quota.ts";

type Env = Record<string, string | undefined>;

/** A quota as JSON, for example `{"answers_at_once": 2}`. */
function quotaOf(env: Env, name: string): Quota {
  const text = env[name];
  if (!text) return {};
  try {
    return Quota.parse(JSON.parse(text));
  } catch (cause) {
    const known = Object.keys(Quota.shape).join(", ");
    const message = `${name} is ${text}; give JSON with whole numbers for any of ${known}.`;
    throw new OffstageError("bad_input", message, { cause });
  }
}

const Whole = z.coerce.number().int().min(1).max(999_999_999);

function wholeOf(env: Env, name: string): number | null {
  const text = env[name];
  if (!text) return null;
  const { data } = Whole.safeParse(text);
  if (data !== undefined) return data;
  throw new OffstageError("bad_input", `${name} is "${text}"; give a whole number above 0.`);
}

function metricsOf(env: Env): GuardConfig["metrics"] {
  if (env.OFFSTAGE_METRICS_TOKEN) return { token: env.OFFSTAGE_METRICS_TOKEN };
  const { OFFSTAGE_METRICS: readers = "off" } = env;
  if (readers === "off" || readers === "loopback") return readers;
  throw new OffstageError(
    "bad_input",
    `OFFSTAGE_METRICS is "${readers}"; give off or loopback, or set OFFSTAGE_METRICS_TOKEN for readers elsewhere.`,
  );
}

/** What the environment says about whom the server answers, how much, and what it shows of itself. @throws OffstageError `bad_input` */
export function guardConfigFromEnv(env: Env): GuardConfig {
  return {
    allowedHosts: (env.OFFSTAGE_ALLOWED_HOSTS ?? "").split(/[\s,;]+/).filter((name) => name !== ""),
    userQuota: quotaOf(env, "OFFSTAGE_USER_QUOTA"),
    keyQuota: quotaOf(env, "OFFSTAGE_KEY_QUOTA"),
    addressRequestsPerMinute: wholeOf(env, "OFFSTAGE_ADDRESS_REQUESTS_PER_MINUTE"),
    metrics: metricsOf(env),
  };
}
