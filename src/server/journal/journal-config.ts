import { OffstageError } from "../../errors.ts";
import type { ServerConfig } from "../config.ts";

/** What is kept of how answers were made, and for how long. */
export interface JournalConfig {
  /** Bytes of one making of an answer; 0 keeps none. */
  maxBytes: number;
  /** Days until it is deleted; 0 keeps none. */
  days: number;
}

export const DEFAULT_JOURNAL: JournalConfig = { maxBytes: 65_536, days: 7 };

/**
 * `OFFSTAGE_EXCHANGE_BYTES` and `OFFSTAGE_EXCHANGE_DAYS`.
 * @throws OffstageError `bad_input` naming the variable
 */
export function journalConfigFromEnv(env: Record<string, string | undefined>): JournalConfig {
  const whole = (name: string, otherwise: number) => {
    const text = env[name];
    if (text === undefined) return otherwise;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new OffstageError("bad_input", `${name} is "${text}"; give a whole number, 0 to keep nothing.`);
  };
  return {
    maxBytes: whole("OFFSTAGE_EXCHANGE_BYTES", DEFAULT_JOURNAL.maxBytes),
    days: whole("OFFSTAGE_EXCHANGE_DAYS", DEFAULT_JOURNAL.days),
  };
}

/** What the configuration has that nobody may read in a journal. */
export function secretsOf(
  { openai, embedder, adminPassword, databaseUrl }: ServerConfig,
  secret: string,
): string[] {
  const keys = [
    ...openai.map(({ apiKey }) => apiKey),
    embedder.kind === "openai" ? (embedder.apiKey ?? "") : "",
  ];
  return [...keys, secret, adminPassword ?? "", passwordOf(databaseUrl ?? "")];
}

/** Of a URL of PostgreSQL, which need not name a host: `postgres://user:password@/database?host=/run/postgresql`. */
function passwordOf(databaseUrl: string): string {
  return decodeURIComponent(URL.parse(databaseUrl.replace("@/", "@localhost/"))?.password ?? "");
}
