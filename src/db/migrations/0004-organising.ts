import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/** What people order their chats by: folders, copies that others may read, and when a chat was read last. */
export async function createOrganisingTables(
  kysely: Kysely<unknown>,
  engine: Database["engine"],
): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);

  await create("folder", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("parent_id", text, (column) => column.references("folder.id").onDelete("cascade"))
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("is_expanded", whole, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("meta_json", text, (column) => column.notNull())
      .addColumn("data_json", text, (column) => column.notNull()),
  );
  await create("shared_chat", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("chat_id", text, (column) =>
        column.notNull().unique().references("chat.id").onDelete("cascade"),
      )
      .addColumn("shared_at_sec", whole, (column) => column.notNull())
      .addColumn("record_json", text, (column) => column.notNull()),
  );
  await kysely.schema.alterTable("chat").addColumn("last_read_at_sec", whole).execute();

  await kysely.schema.createIndex("folder_by_user").on("folder").columns(["user_id", "name"]).execute();
  await kysely.schema.createIndex("folder_by_parent").on("folder").column("parent_id").execute();
  await kysely.schema
    .createIndex("chat_by_folder")
    .on("chat")
    .columns(["folder_id", "user_id"])
    .where(sql<boolean>`folder_id is not null`)
    .execute();
}
