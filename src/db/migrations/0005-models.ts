import type { Kysely } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/**
 * Models as people manage them, and groups of users. Who made a model or a group is a plain column: what an administrator
 * has set holds when they are gone.
 */
export async function createModelTables(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);

  await create("model", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull())
      .addColumn("base_model_id", text)
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("is_active", whole, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("access_json", text, (column) => column.notNull())
      .addColumn("params_json", text, (column) => column.notNull())
      .addColumn("meta_json", text, (column) => column.notNull()),
  );
  await create("user_group", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull())
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("description", text, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("permissions_json", text, (column) => column.notNull())
      .addColumn("data_json", text, (column) => column.notNull()),
  );
  await create("user_group_member", (table) =>
    table
      .addColumn("group_id", text, (column) =>
        column.notNull().references("user_group.id").onDelete("cascade"),
      )
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addPrimaryKeyConstraint("user_group_member_key", ["group_id", "user_id"]),
  );
  await kysely.schema
    .createIndex("user_group_member_by_user")
    .on("user_group_member")
    .column("user_id")
    .execute();
}
