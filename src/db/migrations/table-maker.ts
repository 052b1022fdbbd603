import { type CreateTableBuilder, type Expression, type Kysely, sql } from "kysely";
import type { Database } from "../database.ts";

/** How an engine spells what all tables have in common. */
export interface TableMaker {
  /** Whole numbers: PostgreSQL's integer ends in 2038, and SQLite's strict tables know no bigint. */
  readonly whole: "integer" | "bigint";
  /** Text that is compared and ordered by its bytes, whatever language a PostgreSQL database is set to. */
  readonly text: "text" | Expression<unknown>;
  /** Creates a table; in SQLite a strict one. */
  create(
    table: string,
    define: (builder: CreateTableBuilder<string>) => CreateTableBuilder<string>,
  ): Promise<void>;
}

export function createTableMaker(kysely: Kysely<unknown>, engine: Database["engine"]): TableMaker {
  const isSqlite = engine === "sqlite";
  return {
    whole: isSqlite ? "integer" : "bigint",
    text: isSqlite ? "text" : sql`text collate "C"`,
    async create(table, define) {
      const builder = define(kysely.schema.createTable(table));
      await (isSqlite ? builder.modifyEnd(sql`strict`) : builder).execute();
    },
  };
}
