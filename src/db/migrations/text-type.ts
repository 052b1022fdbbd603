import { type Expression, sql } from "kysely";
import type { Database } from "../database.ts";

/** Text that is compared and ordered by its bytes, as SQLite does, whatever language a PostgreSQL database is set to. */
export const textType = (engine: Database["engine"]): "text" | Expression<unknown> =>
  engine === "sqlite" ? "text" : sql`text collate "C"`;
