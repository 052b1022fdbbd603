import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./api.ts";
import { beginTurn, driveFlows, type FlowRecord, type Lane } from "./flows.ts";
import type { LoadDatabase } from "./load-database.ts";
import { createLedger, type FoundTurn, fateOf, type LedgerEntry, SLOW_QUESTION } from "./load-ledger.ts";
import { openLanes } from "./load-level.ts";

/** A server that was killed in the midst of flows and started again, and what it has of what it had acknowledged. */
export interface KillFigures {
  /** Turns of which something was acknowledged, by what became of them. */
  turns: { whole: number; interrupted: number; asked: number };
  /** What is missing, and how often. */
  lost: Record<string, number>;
  /** Flows that failed before the kill, and after the new start. */
  errors: Record<string, number>;
  restartMs: number;
  /** Chats that there have to be at least, that there may be at most, and that there are. */
  chats: { least: number; most: number; found: number };
  /** Answers that nobody makes and that are not marked. */
  unmarked: number;
  /** Journals without a message. */
  strayJournals: number;
  damage: string[];
  flowsAfter: number;
}

const CONCURRENCY = 32;
const POLL_MS = 10;
const BEFORE_SLOW_MS = 4_000;
const SLOW_MS = 2_000;
const CHECKS_AT_ONCE = 16;
const FLOWS_AFTER = 500;

/**
 * Drives flows, begins as many slow answers beside them, kills the server by `kill`, starts it by `restart`, which resolves with
 * its new URL, and looks for everything that was acknowledged.
 */
export async function killInTheMiddle(
  users: readonly Target[],
  database: LoadDatabase,
  server: { kill(): Promise<void>; restart(): Promise<string> },
): Promise<KillFigures> {
  const before = await database.queryNumber("select count(*) from chat");
  const ledger = createLedger();
  const cut = new AbortController();
  const lanes = openLanes(users, 2 * CONCURRENCY);
  const drive = { concurrency: CONCURRENCY, pollMs: POLL_MS };
  const driving = driveFlows(lanes, {
    ...drive,
    flows: Number.POSITIVE_INFINITY,
    cut: cut.signal,
    acknowledged: ledger.note,
  });
  await sleep(BEFORE_SLOW_MS);
  await Promise.all(
    Array.from({ length: CONCURRENCY }, (_, index) => {
      const lane = lanes[index % lanes.length]!;
      return beginTurn(lane, SLOW_QUESTION, (step, turn) => ledger.note(step, turn, lane));
    }),
  );
  await sleep(SLOW_MS);
  cut.abort();
  await server.kill();
  const { errors } = await driving;
  await Promise.all(lanes.map(({ api }) => api.close()));

  const startedAtMs = performance.now();
  const baseUrl = await server.restart();
  const restartMs = performance.now() - startedAtMs;
  const again = openLanes(
    users.map((user) => ({ ...user, baseUrl, pid: null })),
    CHECKS_AT_ONCE,
  );
  const entries = ledger.entries();
  const found = await database.queryNumber("select count(*) from chat");
  const figures: KillFigures = {
    turns: { whole: 0, interrupted: 0, asked: 0 },
    lost: {},
    errors: Object.fromEntries(errors),
    restartMs,
    // Each worker may have had one chat on its way that it was not told of.
    chats: { least: before + entries.length, most: before + entries.length + CONCURRENCY, found },
    unmarked: await database.queryNumber("select count(*) from message where answer_state = 'running'"),
    strayJournals: await database.queryNumber(
      `select count(*) from answer_journal where not exists (
        select 1 from message where message.chat_id = answer_journal.chat_id and message.id = answer_journal.message_id)`,
    ),
    damage: await database.findDamage(),
    flowsAfter: 0,
  };
  const laneOf = new Map(lanes.map((lane, index) => [lane, again[index]!]));
  await check(entries, laneOf, figures);
  const after = await driveFlows(again, { ...drive, flows: FLOWS_AFTER });
  figures.flowsAfter = after.samples.flow.length;
  for (const [message, count] of after.errors) add(figures.errors, message, count);
  await Promise.all(again.map(({ api }) => api.close()));
  return figures;
}

async function check(
  entries: readonly LedgerEntry[],
  laneOf: ReadonlyMap<Lane, Lane>,
  figures: KillFigures,
): Promise<void> {
  const left = entries.values();
  const work = async () => {
    for (const entry of left) {
      const fate = fateOf(entry, await findTurn(laneOf.get(entry.lane)!, entry));
      if (typeof fate === "string") figures.turns[fate] += 1;
      else add(figures.lost, `${fate.loss} (after "${entry.step}")`, 1);
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, work));
}

async function findTurn({ api }: Lane, { turn }: LedgerEntry): Promise<FoundTurn> {
  const path = `/api/v1/chats/${turn.chatId}`;
  const exchanges = `${path}/messages/${turn.ids.answerId}/exchanges`;
  const orNull = (error: Error) => {
    if (/HTTP 40[14]/.test(error.message)) return null;
    throw error;
  };
  const [record, journal] = await Promise.all([
    api.call("GET", path).catch(orNull),
    api.call("GET", exchanges).catch(orNull),
  ]);
  const { attempts } = (journal ?? { attempts: [] }) as Pick<FoundTurn, "attempts">;
  return { record: record as FlowRecord | null, attempts };
}

function add(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}
