import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * What a search by vectors compares stands in narrow indexes, so that PostgreSQL reads neither texts nor vectors for it.
 * SQLite's searches keep the same in memory.
 */
export async function createSearchIndexes(
  kysely: Kysely<unknown>,
  engine: Database["engine"],
): Promise<void> {
  if (engine === "sqlite") return;
  for (const statement of [
    sql`create index "chunk_in_content" on "chunk" ("content_id", "id")`,
    sql`create index "chunk_sketch" on "chunk_vector" ("chunk_id") include ("embedder", "sketch")`,
  ]) {
    await statement.execute(kysely);
  }
}
