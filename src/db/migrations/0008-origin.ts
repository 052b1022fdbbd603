import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/** API keys get names, so that what was started by one can say which; and the journals of answers get a table. */
export async function createOriginTables(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);

  const addToKeys = (name: string, type: typeof text | typeof whole, initial?: string | number) =>
    kysely.schema
      .alterTable("api_key")
      .addColumn(name, type, (column) =>
        initial === undefined ? column : column.notNull().defaultTo(initial),
      )
      .execute();
  await addToKeys("id", text, "");
  await addToKeys("name", text, "API key");
  await addToKeys("prefix", text);
  await addToKeys("is_main", whole, 1);
  await addToKeys("last_used_at_sec", whole);
  await sql`update api_key set id = substr(key_hash, 1, 32)`.execute(kysely);
  await kysely.schema.createIndex("api_key_by_id").unique().on("api_key").column("id").execute();

  await create("answer_journal", (table) =>
    table
      .addColumn("chat_id", text, (column) => column.notNull().references("chat.id").onDelete("cascade"))
      .addColumn("message_id", text, (column) => column.notNull())
      .addColumn("task_id", text, (column) => column.notNull())
      .addColumn("began_at_ms", whole, (column) => column.notNull())
      .addColumn("journal_json", text, (column) => column.notNull())
      .addPrimaryKeyConstraint("answer_journal_key", ["chat_id", "message_id", "task_id"]),
  );
  await kysely.schema
    .createIndex("answer_journal_by_age")
    .on("answer_journal")
    .column("began_at_ms")
    .execute();
}
