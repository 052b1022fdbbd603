import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../db/database.ts";

/** The texts of a JSON array, to the right of an `in`: a statement is spelled before anybody knows how many there are. */
export function jsonTexts(engine: Database["engine"], array: string): RawBuilder<string> {
  return engine === "sqlite"
    ? sql`(select value from json_each(${array}))`
    : sql`(select json_array_elements_text(${array}::json))`;
}
