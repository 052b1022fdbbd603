import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createNodeSqliteDialect } from "../kysely-on-node-sqlite.ts";
import {
  apiKeyColumns,
  chatColumns,
  journalColumns,
  journalLineColumns,
  messageColumns,
  userColumns,
} from "../table-columns.ts";
import { migrate } from "./migrate.ts";

let database: DatabaseSync;
let kysely: Kysely<unknown>;

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  kysely = new Kysely({ dialect: createNodeSqliteDialect(database) });
});

afterEach(() => database.close());

const detailsOf = (sql: string) =>
  database
    .prepare(`explain query plan ${sql}`)
    .all()
    .map((row) => row.detail);

test("migrations run once, in order, and are recorded", async () => {
  expect(await migrate(kysely, "sqlite")).toEqual([
    "0001-first-tables",
    "0002-knowledge",
    "0003-search",
    "0004-organising",
    "0005-models",
    "0007-personal",
    "0008-origin",
    "0009-nodes",
    "0010-quotas",
    "0012-search-indexes",
    "0013-journal-lines",
  ]);
  expect(await migrate(kysely, "sqlite")).toEqual([]);
  expect(database.prepare("select name from offstage_migration").all()).toEqual([
    { name: "0001-first-tables" },
    { name: "0002-knowledge" },
    { name: "0003-search" },
    { name: "0004-organising" },
    { name: "0005-models" },
    { name: "0007-personal" },
    { name: "0008-origin" },
    { name: "0009-nodes" },
    { name: "0010-quotas" },
    { name: "0012-search-indexes" },
    { name: "0013-journal-lines" },
  ]);
});

/** What stands in the database, but for the migrations' own records. */
const schemaOf = (from: DatabaseSync) =>
  from
    .prepare("select type, name, tbl_name, sql from sqlite_master where name not like 'offstage_migration%'")
    .all()
    .sort((a, b) => String(a.name).localeCompare(String(b.name)));

test("a database that has later ones already gets an earlier one, and ends as any other", async () => {
  const names = await migrate(kysely, "sqlite");
  for (const late of names.filter((name) => name > "0005")) {
    const other = new DatabaseSync(":memory:");
    const dialect = new Kysely<unknown>({ dialect: createNodeSqliteDialect(other) });
    other.exec("create table offstage_migration (name varchar(255) primary key, timestamp varchar(255))");
    other.prepare("insert into offstage_migration values (?, '2025-01-01T00:00:00.000Z')").run(late);
    expect(await migrate(dialect, "sqlite")).toEqual(names.filter((name) => name !== late));
    other.prepare("delete from offstage_migration where name = ?").run(late);
    expect(await migrate(dialect, "sqlite")).toEqual([late]);
    expect(schemaOf(other), late).toEqual(schemaOf(database));
    other.close();
  }
});

test("a transaction around them takes a failed migration back", async () => {
  database.exec("create table message (id text); begin immediate");
  await expect(migrate(kysely, "sqlite")).rejects.toThrow(/message/);
  database.exec("rollback");
  expect(database.prepare("select name from sqlite_master where type = 'table'").all()).toEqual([
    { name: "message" },
  ]);
});

test.each([
  ["user", userColumns],
  ["chat", chatColumns],
  ["message", messageColumns],
  ["api_key", apiKeyColumns],
  ["answer_journal", journalColumns],
  ["answer_journal_line", journalLineColumns],
])("the table %s has the columns that the schema names", async (table, columns) => {
  await migrate(kysely, "sqlite");
  const names = database.prepare("select name from pragma_table_info(?)").all(table);
  expect(names.map((row) => row.name).sort()).toEqual(Object.keys(columns).sort());
});

test.each([
  [
    "select * from chat where user_id = ? and archived = ? and pinned = ? order by updated_at_sec desc",
    "chat_by_user",
  ],
  ["select * from chat where user_id = ? order by updated_at_sec desc", "chat_by_user"],
  [
    "select * from message where chat_id = ? and deleted_at_sec is null order by position",
    "message_in_order",
  ],
  [
    "select * from message where answer_state = 'running' and (owner = ? or lease_until_ms < ?)",
    "message_running",
  ],
  ["delete from revoked_token where expires_at_sec < ?", "revoked_token_by_expiry"],
  ["delete from api_key where user_id = ?", "api_key_by_user"],
  ["delete from answer_journal where began_at_ms < ?", "answer_journal_by_age"],
  [
    "select * from answer_journal_line where chat_id = ? and message_id = ? and task_id = ? order by at_ms",
    "answer_journal_line_in_order",
  ],
  ["select * from chat where folder_id = ? and user_id = ?", "chat_by_folder"],
  ["select * from folder where user_id = ? order by name", "folder_by_user"],
])("%s uses its index", async (sql, index) => {
  await migrate(kysely, "sqlite");
  expect(detailsOf(sql).join()).toContain(index);
});
