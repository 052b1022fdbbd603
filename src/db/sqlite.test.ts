import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database, Placeholder } from "./database.ts";
import { openSqlite } from "./sqlite.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { createStatement } from "./statement.ts";

const insert = createStatement("sqlite", (kysely, param: Placeholder<{ name: string; value_json: string }>) =>
  kysely.insertInto("setting").values({ name: param("name"), value_json: param("value_json") }),
);
const find = createStatement("sqlite", (kysely, param: Placeholder<{ name: string }>) =>
  kysely.selectFrom("setting").selectAll().where("name", "=", param("name")),
);
const list = createStatement("sqlite", (kysely) =>
  kysely.selectFrom("setting").select("name").orderBy("name"),
);

let folder: string;
let path: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "offstage-sqlite-"));
  path = join(folder, "test.db");
  database = await openSqlite({ path });
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const put = (name: string, value_json = "1") => database.write((tx) => tx.run(insert, { name, value_json }));

describe("an open database", () => {
  test("reads the newest commit", async () => {
    for (const name of ["a", "b", "c"]) {
      await put(name);
      expect(await database.first(find, { name })).toEqual({ name, value_json: "1" });
    }
    expect(await database.all(list, {})).toHaveLength(3);
    expect(await database.first(find, { name: "d" })).toBeUndefined();
  });

  test("reads beside a write what was there before it", async () => {
    await database.write(async (tx) => {
      await tx.run(insert, { name: "a", value_json: "1" });
      expect(await tx.first(find, { name: "a" })).toBeDefined();
      expect(await database.first(find, { name: "a" })).toBeUndefined();
    });
  });

  test("refuses to change anything outside of write", async () => {
    const outside = database.run(insert, { name: "a", value_json: "1" });
    await expect(outside).rejects.toThrow(/write outside of database\.write/);
  });

  test.each([
    ["a NUL character", "a\u0000b", "a\u0000b"],
    [
      "JSON with escaped NUL and half of a pair",
      JSON.stringify("\u0000\ud800"),
      JSON.stringify("\u0000\ud800"),
    ],
    ["half of a pair outside of JSON", "a\ud800b", "a\ufffdb"],
    ["a character of four bytes", "😀", "😀"],
  ])("keeps %s", async (_, text, kept) => {
    await put("a", text);
    expect((await database.first(find, { name: "a" }))?.value_json).toBe(kept);
  });

  test("is a file for its owner only, and leaves no other files when closed", async () => {
    await put("a");
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    await database.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test("finishes what was queued when it is closed, and takes no more", async () => {
    const queued = put("a");
    await Promise.all([database.close(), database.close(), queued]);
    await expect(put("b")).rejects.toMatchObject({ code: "unavailable", retryable: false });
    await expect(database.all(list, {})).rejects.toMatchObject({ code: "unavailable" });
    await expect(database.scan(list, {})).rejects.toMatchObject({ code: "unavailable" });
  });

  test("shares its file with a process that writes at the same time", async () => {
    const script = `
      const { DatabaseSync } = require("node:sqlite");
      const database = new DatabaseSync(process.argv[1], { timeout: 5000 });
      for (let i = 0; i < 50; i++) {
        database.exec("BEGIN IMMEDIATE");
        database.exec("insert into setting values ('theirs-" + i + "', '1')");
        database.exec("COMMIT");
      }`;
    const child = spawn(process.execPath, ["-e", script, path], { stdio: "inherit" });
    const ended = once(child, "exit");
    for (let index = 0; index < 50; index++) await put(`ours-${index}`);
    expect(await ended).toEqual([0, null]);
    expect(await database.all(list, {})).toHaveLength(100);
  });
});

describe("a scan", () => {
  test("reads the newest commit off the main thread, with lower() for all letters", async () => {
    await put("Ä");
    const statement = {
      sql: "select lower(name) as name from setting where name = ?",
      bindings: [{ value: "Ä" }],
    };
    expect(await database.scan(statement, {})).toEqual([{ name: "ä" }]);
  });

  test("that fails says why, and the next one works", async () => {
    const broken = { sql: "select * from nowhere", bindings: [] };
    await expect(database.scan(broken, {})).rejects.toMatchObject({
      code: "internal",
      message: expect.stringMatching(/no such table: nowhere/),
    });
    expect(await database.scan(list, {})).toEqual([]);
  });

  test("that closing cuts off is rejected", async () => {
    const endless = {
      sql: "with recursive n (i) as (select 1 union all select i + 1 from n) select max(i) from n",
      bindings: [],
    };
    const scan = database.scan(endless, {});
    const rejected = expect(scan).rejects.toMatchObject({ code: "unavailable" });
    await database.close();
    await rejected;
  });
});

describe("opening", () => {
  test("again finds what was written and migrates nothing twice", async () => {
    await put("a");
    await database.close();
    database = await openSqlite({ path });
    expect(await database.all(list, {})).toEqual([{ name: "a" }]);
  });

  test("a database of a newer offstage is refused, names what is unknown, and changes nothing", async () => {
    await database.close();
    const raw = new DatabaseSync(path);
    raw.exec("insert into offstage_migration values ('9999-from-the-future', '2030-01-01T00:00:00.000Z')");
    raw.close();
    const before = readFileSync(path);
    await expect(openSqlite({ path })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/newer offstage \(9999-from-the-future\)/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test.each([
    ["a file in a folder that is not there", () => join(folder, "missing", "test.db"), "unavailable"],
    ["a folder", () => folder, "unavailable"],
  ])("%s is refused", async (_, pathOf, code) => {
    await expect(openSqlite({ path: pathOf() })).rejects.toMatchObject({ code });
  });

  test("what has no write-ahead log is refused", () => {
    expect(() => new SqliteConnection(":memory:", { readOnly: false })).toThrow(/journal mode memory/);
  });

  test("a file that is no database is refused and left as it is", async () => {
    const text = join(folder, "notes.txt");
    writeFileSync(text, "Not a database. ".repeat(100));
    await expect(openSqlite({ path: text })).rejects.toThrow(/Restore a backup/);
    expect(readFileSync(text, "utf8")).toMatch(/^Not a database\./);
  });
});
