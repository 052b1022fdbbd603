import { type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/** What servers on one database share beside its rows: the bytes of files, in parts, and who processes a content. */
export async function createNodeTables(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);
  const bytes = engine === "sqlite" ? "blob" : "bytea";

  await create("content_claim", (table) =>
    table
      .addColumn("content_id", text, (column) =>
        column.primaryKey().notNull().references("content.id").onDelete("cascade"),
      )
      .addColumn("owner", text, (column) => column.notNull())
      .addColumn("lease_until_ms", whole, (column) => column.notNull()),
  );
  await create("blob", (table) =>
    table
      .addColumn("hash", text, (column) => column.primaryKey().notNull())
      .addColumn("set_id", text, (column) => column.notNull().unique()),
  );
  await create("blob_part", (table) =>
    table
      .addColumn("set_id", text, (column) => column.notNull())
      .addColumn("position", whole, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("bytes", bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint("blob_part_key", ["set_id", "position"]),
  );
  // Files are mostly compressed already: trying it again for each part costs more than it saves.
  if (engine === "postgres")
    await sql`alter table blob_part alter column bytes set storage external`.execute(kysely);
}
