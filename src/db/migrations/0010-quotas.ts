import type { Kysely } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/** What users and their API keys may use, and what they have used on each day. */
export async function createQuotaTables(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);
  await create("quota", (table) =>
    table
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("holder", text, (column) => column.notNull())
      .addColumn("quota_json", text, (column) => column.notNull())
      .addPrimaryKeyConstraint("quota_key", ["user_id", "holder"]),
  );
  await create("day_usage", (table) =>
    table
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("holder", text, (column) => column.notNull())
      .addColumn("day", text, (column) => column.notNull())
      .addColumn("answers", whole, (column) => column.notNull())
      .addColumn("tokens", whole, (column) => column.notNull())
      .addPrimaryKeyConstraint("day_usage_key", ["user_id", "holder", "day"]),
  );
}
