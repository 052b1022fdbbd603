import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/** What people keep for themselves: memories for their models, and prompts with their versions. Long texts stand last. */
export async function createPersonalTables(
  kysely: Kysely<unknown>,
  engine: Database["engine"],
): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);
  const bytes = engine === "sqlite" ? sql`blob` : sql`bytea`;

  await create("memory", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("type", text, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("embedder", text)
      .addColumn("content", text, (column) => column.notNull())
      .addColumn("vector", bytes),
  );
  await create("prompt", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("command", text, (column) => column.notNull().unique())
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("is_active", whole, (column) => column.notNull())
      .addColumn("version_id", text, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("tags_json", text, (column) => column.notNull())
      .addColumn("data_json", text, (column) => column.notNull())
      .addColumn("meta_json", text, (column) => column.notNull())
      .addColumn("access_json", text, (column) => column.notNull())
      .addColumn("content", text, (column) => column.notNull()),
  );
  await create("prompt_version", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("prompt_id", text, (column) => column.notNull().references("prompt.id").onDelete("cascade"))
      .addColumn("parent_id", text)
      // Who has gone may have changed what others keep.
      .addColumn("user_id", text, (column) => column.notNull())
      .addColumn("commit_message", text)
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("snapshot_json", text, (column) => column.notNull()),
  );

  await kysely.schema
    .createIndex("memory_by_user")
    .on("memory")
    .columns(["user_id", "created_at_sec", "id"])
    .execute();
  await kysely.schema.createIndex("prompt_by_user").on("prompt").column("user_id").execute();
  await kysely.schema
    .createIndex("prompt_version_by_prompt")
    .on("prompt_version")
    .columns(["prompt_id", "created_at_sec", "id"])
    .execute();
}
