import type { Kysely } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/** What comes to an answer's journal late gets rows of its own, so that the journal is written once. */
export async function createJournalLines(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);
  const journal = ["chat_id", "message_id", "task_id"] as const;
  await create("answer_journal_line", (table) =>
    table
      .addColumn("chat_id", text, (column) => column.notNull())
      .addColumn("message_id", text, (column) => column.notNull())
      .addColumn("task_id", text, (column) => column.notNull())
      .addColumn("at_ms", whole, (column) => column.notNull())
      .addColumn("line_json", text, (column) => column.notNull())
      .addForeignKeyConstraint(
        "answer_journal_line_journal",
        [...journal],
        "answer_journal",
        [...journal],
        (key) => key.onDelete("cascade"),
      ),
  );
  await kysely.schema
    .createIndex("answer_journal_line_in_order")
    .on("answer_journal_line")
    .columns([...journal, "at_ms"])
    .execute();
}
