import type { Logger } from "pino";
import type { QuotaKey } from "../store/quota-store.ts";
import type { Store } from "../store/store.ts";

/** What was used on a day. */
export interface Usage {
  answers: number;
  tokens: number;
}

/** Counts what users and keys use each day (UTC), over all processes on a database. */
export interface UsageLedger {
  /** Counts at once; it is in the database within a second. Negative numbers take back. */
  add(key: QuotaKey, usage: Usage): void;
  /** What was used today. Of what other processes counted, up to two seconds may be missing. */
  today(key: QuotaKey): Promise<Usage>;
  /** The key and what it used are deleted: nothing of it is written any more. */
  forget(key: QuotaKey): void;
  /** Writes what is counted and not written yet. */
  close(): Promise<void>;
}

const FLUSH_MS = 1_000;
/** Days that are kept, today among them. */
const KEPT_DAYS = 40;
const DAY_MS = 24 * 3600 * 1000;
/** How long what the database said is believed. */
const FRESH_MS = 1_000;

const nameOf = ({ user_id, holder }: QuotaKey, day: string) => `${day} ${holder} ${user_id}`;

/** Counts in memory and writes once a second, so that no answer waits for it: a crash loses a second's usage at most. */
export function createUsageLedger(parts: { store: Store; nowMs: () => number; log: Logger }): UsageLedger {
  const { store, nowMs, log } = parts;
  /** Counted, not yet in the database; by name. */
  const unwritten = new Map<string, QuotaKey & Usage & { day: string }>();
  /** What the database held when it was asked last, and when that was. Of today, and only of keys that were asked for. */
  const written = new Map<string, { usage: Usage; atMs: number }>();
  let timer: NodeJS.Timeout | null = null;
  let flushing = Promise.resolve();
  /** The day on which old ones were deleted last. */
  let sweptOn = "";

  /** The day that was asked for last, which is today, and its name. */
  let named = { day: Number.NaN, name: "" };
  function dayOf(ms: number): string {
    const day = Math.floor(ms / DAY_MS);
    if (day !== named.day) named = { day, name: new Date(ms).toISOString().slice(0, 10) };
    return named.name;
  }

  function count(key: QuotaKey, day: string, { answers, tokens }: Usage): void {
    const name = nameOf(key, day);
    const entry = unwritten.get(name);
    if (entry) {
      entry.answers += answers;
      entry.tokens += tokens;
    } else unwritten.set(name, { user_id: key.user_id, holder: key.holder, day, answers, tokens });
    timer ??= setTimeout(flush, FLUSH_MS).unref();
  }

  function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    flushing = flushing.then(writeAll);
    return flushing;
  }

  async function writeAll(): Promise<void> {
    const entries = [...unwritten.values()];
    await Promise.all(entries.map(writeOne));
    await sweep();
    for (const [name, { atMs }] of written) if (nowMs() - atMs > FRESH_MS) written.delete(name);
  }

  async function sweep(): Promise<void> {
    const today = dayOf(nowMs());
    if (sweptOn === today) return;
    sweptOn = today;
    try {
      const firstKept = dayOf(nowMs() - (KEPT_DAYS - 1) * DAY_MS);
      await store.write((tx) => store.quotas.deleteUsageBefore(tx, firstKept));
    } catch (error) {
      log.warn({ err: error }, "the use of former days could not be deleted; it is tried again tomorrow");
    }
  }

  /** What is being written stays counted until it is, and what cannot be is tried again. */
  async function writeOne(entry: QuotaKey & Usage & { day: string }): Promise<void> {
    const { answers, tokens } = entry;
    const name = nameOf(entry, entry.day);
    try {
      await store.write((tx) => store.quotas.addUsage(tx, { ...entry, answers, tokens }));
    } catch (error) {
      if (await store.users.findUser(store.read, entry.user_id).catch(() => true)) {
        log.warn({ err: error }, "usage could not be written; it is tried again");
        timer ??= setTimeout(flush, FLUSH_MS).unref();
        return;
      }
    }
    entry.answers -= answers;
    entry.tokens -= tokens;
    if (entry.answers === 0 && entry.tokens === 0) unwritten.delete(name);
    const known = written.get(name);
    if (known) {
      known.usage.answers += answers;
      known.usage.tokens += tokens;
    }
  }

  return {
    add: (key, usage) => count(key, dayOf(nowMs()), usage),
    async today(key) {
      const day = dayOf(nowMs());
      const name = nameOf(key, day);
      let known = written.get(name);
      if (!known || nowMs() - known.atMs > FRESH_MS) {
        const atMs = nowMs();
        known = { usage: await store.quotas.findUsage(store.read, { ...key, day }), atMs };
        written.set(name, known);
      }
      const more = unwritten.get(name);
      return {
        answers: known.usage.answers + (more?.answers ?? 0),
        tokens: known.usage.tokens + (more?.tokens ?? 0),
      };
    },
    forget(key) {
      for (const [name, { user_id, holder }] of unwritten)
        if (user_id === key.user_id && holder === key.holder) unwritten.delete(name);
      written.delete(nameOf(key, dayOf(nowMs())));
    },
    async close() {
      await flush();
      if (timer) clearTimeout(timer);
    },
  };
}
