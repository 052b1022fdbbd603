import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * What chunks are found by: their words and their vectors, which go with them whatever way they go. PostgreSQL indexes
 * words by itself; in SQLite who inserts chunks does, many at once, for FTS5 would write a segment for each row that a
 * trigger inserts. SQLite also records whose chunks or vectors have changed, for searches that keep some in memory.
 */
export async function createSearchTables(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  await (engine === "sqlite" ? createForSqlite(kysely) : createForPostgres(kysely));
}

async function createForSqlite(kysely: Kysely<unknown>): Promise<void> {
  for (const statement of [
    sql`create table "chunk_vector" (
      "chunk_id" integer primary key references "chunk" ("id") on delete cascade,
      "embedder" text not null,
      "sketch" blob not null,
      "vector" blob not null
    ) strict`,
    // AUTOINCREMENT: a number that was given once is never given again, even after its row has gone.
    sql`create table "chunk_change" (
      "number" integer primary key autoincrement,
      "content_id" text not null unique references "content" ("id") on delete cascade
    ) strict`,
    // Without content: the text is in its chunk, and a deleted row goes without being read again.
    sql`create virtual table "chunk_words" using fts5(
      headings, text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
    )`,
    // Index segments are merged in larger and rarer steps than by default: half the time that the longest of them takes.
    sql`insert into "chunk_words" ("chunk_words", "rank") values ('automerge', 8)`,
    sql`create trigger "chunk_comes" after insert on "chunk" begin
      ${recordChange("new.content_id")}
    end`,
    sql`create trigger "chunk_goes" after delete on "chunk" begin
      delete from "chunk_words" where rowid = old.id;
      ${recordChange("old.content_id")}
    end`,
    sql`create trigger "chunk_vector_comes" after insert on "chunk_vector" begin
      ${recordChange('(select "content_id" from "chunk" where "id" = new.chunk_id)')}
    end`,
    sql`create trigger "chunk_vector_changes" after update on "chunk_vector" begin
      ${recordChange('(select "content_id" from "chunk" where "id" = new.chunk_id)')}
    end`,
  ]) {
    await statement.execute(kysely);
  }
}

/** A content that goes takes its row along; while it goes, there is none to add. */
const recordChange = (contentId: string) =>
  sql.raw(`delete from "chunk_change" where "content_id" = ${contentId};
      insert into "chunk_change" ("content_id") select "id" from "content" where "id" = ${contentId};`);

async function createForPostgres(kysely: Kysely<unknown>): Promise<void> {
  // The database's own language may fold ASCII only, as C does.
  const known = await sql`select 1 from pg_collation where collname = 'und-x-icu'`.execute(kysely);
  const lower = known.rows.length > 0 ? 'lower($1 collate "und-x-icu")' : "lower($1)";
  // Their bodies name nothing but what PostgreSQL brings: a restored dump fills generated columns without a search path.
  for (const statement of [
    `create function "offstage_lower" (text) returns text language sql immutable strict parallel safe
      as $$ select ${lower} $$`,
    // Without the marks on letters.
    `create function "offstage_words" (text) returns tsvector language sql immutable strict parallel safe
      as $$ select to_tsvector('english', regexp_replace(normalize(${lower}, NFKD), '[\u0300-\u036f]', '', 'g')) $$`,
    `alter table "chunk" add column "words" tsvector
      generated always as (setweight("offstage_words"("headings_json"), 'A') || "offstage_words"("text")) stored`,
    `create index "chunk_by_words" on "chunk" using gin ("words")`,
    `create table "chunk_vector" (
      "chunk_id" bigint primary key references "chunk" ("id") on delete cascade,
      "embedder" text collate "C" not null,
      "sketch" varbit not null,
      "vector" bytea not null
    )`,
  ]) {
    await sql.raw(statement).execute(kysely);
  }
}
