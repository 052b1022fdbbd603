import type { Kysely } from "kysely";
import type { Database } from "../database.ts";
import { createTableMaker } from "./table-maker.ts";

/**
 * Files, what they hold (once, however often it was uploaded), collections of files, and the chunks that are searched.
 * Long texts are the last columns of their tables.
 */
export async function createKnowledgeTables(
  kysely: Kysely<unknown>,
  engine: Database["engine"],
): Promise<void> {
  const { whole, text, create } = createTableMaker(kysely, engine);

  await create("content", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("hash", text, (column) => column.notNull())
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("content_type", text)
      .addColumn("size_bytes", whole, (column) => column.notNull())
      .addColumn("status", text, (column) => column.notNull())
      .addColumn("error", text)
      .addColumn("page_count", whole)
      .addColumn("chunk_count", whole)
      .addColumn("embedder", text)
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("processed_at_sec", whole)
      .addColumn("text", text),
  );
  await create("file", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("content_id", text, (column) => column.notNull().references("content.id"))
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("content_type", text)
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("meta_json", text, (column) => column.notNull()),
  );
  await create("knowledge", (table) =>
    table
      .addColumn("id", text, (column) => column.primaryKey().notNull())
      .addColumn("user_id", text, (column) => column.notNull().references("user.id").onDelete("cascade"))
      .addColumn("name", text, (column) => column.notNull())
      .addColumn("description", text, (column) => column.notNull())
      .addColumn("created_at_sec", whole, (column) => column.notNull())
      .addColumn("updated_at_sec", whole, (column) => column.notNull())
      .addColumn("access_json", text, (column) => column.notNull())
      .addColumn("meta_json", text, (column) => column.notNull()),
  );
  await create("knowledge_file", (table) =>
    table
      .addColumn("knowledge_id", text, (column) =>
        column.notNull().references("knowledge.id").onDelete("cascade"),
      )
      .addColumn("file_id", text, (column) => column.notNull().references("file.id").onDelete("cascade"))
      .addColumn("added_at_sec", whole, (column) => column.notNull())
      .addPrimaryKeyConstraint("knowledge_file_key", ["knowledge_id", "file_id"]),
  );
  await create("chunk", (table) =>
    table
      .addColumn("id", engine === "sqlite" ? "integer" : "bigserial", (column) => column.primaryKey())
      .addColumn("content_id", text, (column) =>
        column.notNull().references("content.id").onDelete("cascade"),
      )
      .addColumn("position", whole, (column) => column.notNull())
      .addColumn("page", whole)
      .addColumn("start_offset", whole, (column) => column.notNull())
      .addColumn("end_offset", whole, (column) => column.notNull())
      .addColumn("token_count", whole, (column) => column.notNull())
      .addColumn("headings_json", text, (column) => column.notNull())
      .addColumn("text", text, (column) => column.notNull()),
  );

  const index = (name: string, table: string, columns: string[]) =>
    kysely.schema.createIndex(name).on(table).columns(columns).execute();
  await index("content_by_status", "content", ["status"]);
  await index("file_by_user", "file", ["user_id", "created_at_sec"]);
  await index("file_by_content", "file", ["content_id"]);
  await index("knowledge_by_user", "knowledge", ["user_id", "updated_at_sec"]);
  await index("knowledge_file_by_file", "knowledge_file", ["file_id"]);
  await index("chunk_in_order", "chunk", ["content_id", "position"]);
}
