import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/**
 * Users, their keys and sessions, settings, chats and messages. Long texts are the last columns of their tables: SQLite
 * reads a row from its start, and stops before them where they are not asked for.
 */
export async function createFirstTables(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);

  await create("user", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("email", text, (column) => column.notNull().unique())
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("role", text, (column) => column.notNull())
      .addColumn("password_hash", text)
      .addColumn("token_generation", whole, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("last_active_at_sec", whole, (column) => column.notNull())
      .addColumn("settings_json", text, (column) => column.notNull()),
  );
  await create("api_key", (table) =>
    table
      .addColumn("key_hash", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("created_at_sec", whole, (column) => column.notNull()),
  );
  await create("revoked_token", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("expires_at_sec", whole, (column) => column.notNull()),
  );
  await create("setting", (table) =>
    table
      .addColumn("name", text, (column) => column.primaryKey().notNull())
      .addColumn("value_json", text, (column) => column.notNull()),
  );
  await create("chat", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("title", text, (column) => column.notNull())
      .addColumn("posted_title", text)
      .addColumn("current_message_id", text)
      .addColumn("revision", whole, (column) => column.notNull())
      .addColumn("archived", whole, (column) => column.notNull())
      .addColumn("pinned", whole, (column) => column.notNull())
      .addColumn("folder_id", text)
      .addColumn("share_id", text)
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("tags_json", text, (column) => column.notNull())
      .addColumn("meta_json", text, (column) => column.notNull())
      .addColumn("body_json", text, (column) => column.notNull()),
  );
  await create("message", (table) =>
    table
      .addColumn("chat_id", text, (column) => column.notNull().references("chat.id").onDelete("cascade"))
      .addColumn("id", text, (column) => column.notNull())
      .addColumn("position", whole, (column) => column.notNull())
      .addColumn("parent_id", text)
      .addColumn("role", text, (column) => column.notNull())
      .addColumn("revision", whole, (column) => column.notNull())
      .addColumn("in_snapshot", whole, (column) => column.notNull())
      .addColumn("answer_state", text, (column) => column.notNull())
      .addColumn("task_id", text)
      .addColumn("owner", text)
      .addColumn("lease_until_ms", whole)
      .addColumn("deleted_at_sec", whole)
      .addColumn("partial_text", text)
      .addColumn("body_json", text, (column) => column.notNull())
      .addPrimaryKeyConstraint("message_key", ["chat_id", "id"]),
  );

  await kysely.schema.createIndex("api_key_by_user").on("api_key").column("user_id").execute();
  await kysely.schema
    .createIndex("revoked_token_by_expiry")
    .on("revoked_token")
    .column("expires_at_sec")
    .execute();
  await kysely.schema
    .createIndex("chat_by_user")
    .on("chat")
    .columns(["user_id", "archived", "updated_at_sec", "id", "pinned"])
    .execute();
  await kysely.schema
    .createIndex("message_in_order")
    .on("message")
    .columns(["chat_id", "position"])
    .where(sql<boolean>`deleted_at_sec is null`)
    .execute();
  await kysely.schema
    .createIndex("message_running")
    .on("message")
    .column("lease_until_ms")
    .where(sql<boolean>`answer_state = 'running'`)
    .execute();
}
