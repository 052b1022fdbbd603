import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqlite } from "../../db/sqlite.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { user } from "../store/suite-rows.ts";
import { createUsageLedger } from "./usage-ledger.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const key = { user_id: user.id, holder: "user" };

let store: Store;
let close: () => Promise<void>;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "offstage-ledger-"));
  const database = await openSqlite({ path: join(folder, "test.sqlite") });
  store = openStore(database);
  close = async () => {
    await database.close();
    await rm(folder, { recursive: true });
  };
  await store.write((tx) => store.users.insertUser(tx, user));
});
afterEach(() => close());

const open = () => createUsageLedger({ store, nowMs: () => NOW_MS, log: pino({ level: "silent" }) });
const answersOn = async (day: string) => (await store.quotas.findUsage(store.read, { ...key, day })).answers;

test("days older than forty are deleted with the first that is written of a new one", async () => {
  const days = ["2026-01-20", "2026-01-21"];
  for (const day of days)
    await store.write((tx) => store.quotas.addUsage(tx, { ...key, day, answers: 1, tokens: 1 }));
  const ledger = open();
  ledger.add(key, { answers: 1, tokens: 0 });
  await ledger.close();
  expect(await Promise.all([...days, "2026-03-01"].map(answersOn))).toEqual([0, 1, 1]);
});

test("what was counted of a key that is deleted is not written", async () => {
  const ledger = open();
  ledger.add(key, { answers: 1, tokens: 0 });
  ledger.forget(key);
  await ledger.close();
  expect(await answersOn("2026-03-01")).toBe(0);
});
