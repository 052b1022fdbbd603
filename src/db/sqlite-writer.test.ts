import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Placeholder, Queries } from "./database.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import { createStatement } from "./statement.ts";
import { WalSync } from "./wal-sync.ts";

const insert = createStatement("sqlite", (kysely, param: Placeholder<{ name: string; value_json: string }>) =>
  kysely.insertInto("setting").values({ name: param("name"), value_json: param("value_json") }),
);
const list = createStatement("sqlite", (kysely) =>
  kysely.selectFrom("setting").select("name").orderBy("name"),
);

let folder: string;
let connection: SqliteConnection;
/** Another connection, which sees what is committed. */
let witness: SqliteConnection;
let walSync: WalSync;
let writer: SqliteWriter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "offstage-writer-"));
  const path = join(folder, "test.db");
  connection = new SqliteConnection(path, { readOnly: false });
  connection.command("create table setting (name text primary key, value_json text not null) strict");
  witness = new SqliteConnection(path, { readOnly: true });
  walSync = new WalSync(path);
  writer = new SqliteWriter(connection, walSync);
});

afterEach(async () => {
  await writer.close();
  walSync.close();
  witness.close();
  connection.close();
  rmSync(folder, { recursive: true });
});

const put = (name: string, value_json = "1") => writer.write((tx) => tx.run(insert, { name, value_json }));
const committed = () => witness.all(list, {}).map((row) => row.name);
const statesOf = (results: PromiseSettledResult<unknown>[]) => results.map((result) => result.status);

test("a write settles after its commit, with what its work gave", async () => {
  const written = put("a").then((changed) => ({ changed, seen: committed() }));
  expect(committed()).toEqual([]);
  expect(await written).toEqual({ changed: 1, seen: ["a"] });
});

test("writes of one turn share a commit, and each sees those before it", async () => {
  const first = put("a");
  const second = writer.write(async (tx) => ({ inside: await tx.all(list, {}), outside: committed() }));
  await first;
  expect(await second).toEqual({ inside: [{ name: "a" }], outside: [] });
});

test("a write that fails is rolled back alone", async () => {
  const failing = writer.write(async (tx) => {
    await tx.run(insert, { name: "b", value_json: "1" });
    throw new Error("changed my mind");
  });
  const results = await Promise.allSettled([put("a"), failing, put("a"), put("c")]);
  expect(statesOf(results)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: { message: "changed my mind" } });
  expect(results[2]).toMatchObject({ reason: { code: "conflict" } });
  expect(committed()).toEqual(["a", "c"]);
});

test("a failing query that its work catches takes back only itself", async () => {
  await put("a");
  await writer.write(async (tx) => {
    await tx.run(insert, { name: "b", value_json: "1" });
    await expect(tx.run(insert, { name: "a", value_json: "1" })).rejects.toMatchObject({ code: "conflict" });
  });
  expect(committed()).toEqual(["a", "b"]);
});

test("more writes than one commit takes are all written, in order", async () => {
  const order: number[] = [];
  await Promise.all(Array.from({ length: 600 }, (_, index) => put(`${index}`).then(() => order.push(index))));
  expect(order).toEqual(Array.from({ length: 600 }, (_, index) => index));
  expect(committed()).toHaveLength(600);
});

test("a write within a write is refused, and the outer one goes on", async () => {
  await writer.write(async (tx) => {
    await expect(put("inner")).rejects.toThrow(/write was called within a write/);
    await tx.run(insert, { name: "outer", value_json: "1" });
  });
  expect(committed()).toEqual(["outer"]);
});

test("what a work started may write once the work has ended", async () => {
  let later: Promise<number> | undefined;
  await writer.write(async () => {
    later = nextTurn().then(() => put("later"));
  });
  expect(await later).toBe(1);
});

test("a write that waits for the outside is given up, and those around it are kept", async () => {
  const outside = Promise.withResolvers<void>();
  let late: Promise<unknown> | undefined;
  const waiting = writer.write(async (tx) => {
    await tx.run(insert, { name: "b", value_json: "1" });
    await outside.promise;
    late = tx.run(insert, { name: "late", value_json: "1" });
    await late;
  });
  const results = await Promise.allSettled([put("a"), waiting, put("c")]);
  expect(statesOf(results)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({
    reason: { code: "internal", message: expect.stringMatching(/waited for/) },
  });
  outside.resolve();
  await nextTurn();
  await expect(late).rejects.toThrow(/after its write had ended/);
  expect(committed()).toEqual(["a", "c"]);
});

test("queries that were kept beyond their write are refused", async () => {
  let kept: Queries | undefined;
  await writer.write(async (tx) => {
    kept = tx;
  });
  await expect(kept?.all(list, {})).rejects.toThrow(/after its write had ended/);
});

test("on a full disk what ran is rejected as storage_full, what did not is written, and writing goes on", async () => {
  connection.database.exec("PRAGMA max_page_count = 10");
  const before = put("a");
  const greedy = writer.write(async (tx) => {
    const large = { name: "b", value_json: "x".repeat(100_000) };
    await expect(tx.run(insert, large)).rejects.toMatchObject({ code: "storage_full" });
    await tx.run(insert, { name: "after", value_json: "1" });
  });
  const results = await Promise.allSettled([before, greedy, put("c")]);
  expect(statesOf(results)).toEqual(["rejected", "rejected", "fulfilled"]);
  for (const result of results.slice(0, 2)) {
    expect(result).toMatchObject({ reason: { code: "storage_full", retryable: false } });
  }
  expect(committed()).toEqual(["c"]);
  connection.database.exec("PRAGMA max_page_count = 1000");
  await put("b", "x".repeat(100_000));
  expect(committed()).toEqual(["b", "c"]);
});

test("a commit that fails rejects all its writes, and writing goes on", async () => {
  connection.database.exec(
    "create table child (name text references setting (name) deferrable initially deferred) strict",
  );
  const insertChild = { sql: "insert into child values ('nobody')", bindings: [] };
  const orphan = writer.write((tx) => tx.run(insertChild, {}));
  const own = writer.write(async () => {
    throw new Error("my own reason");
  });
  const results = await Promise.allSettled([put("a"), orphan, own]);
  expect(statesOf(results)).toEqual(["rejected", "rejected", "rejected"]);
  expect(results[0]).toMatchObject({ reason: { code: "conflict" } });
  expect(results[2]).toMatchObject({ reason: { message: "my own reason" } });
  await put("b");
  expect(committed()).toEqual(["b"]);
});

test("a lock that another connection keeps rejects as unavailable, and writing goes on", async () => {
  const other = new SqliteConnection(join(folder, "test.db"), { readOnly: false });
  connection.database.exec("PRAGMA busy_timeout = 0");
  other.command("BEGIN IMMEDIATE");
  await expect(put("a")).rejects.toMatchObject({ code: "unavailable", retryable: true });
  other.command("ROLLBACK");
  other.close();
  await put("b");
  expect(committed()).toEqual(["b"]);
});
