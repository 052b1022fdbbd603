import type { MessageTable } from "../../db/schema.ts";

/** The row of an answer that has ended, well or not: nobody's any more, with its last body. */
export function endedRow(row: MessageTable, body: Record<string, unknown>, revision: number): MessageTable {
  return {
    ...row,
    body_json: JSON.stringify({ ...body, done: true }),
    revision,
    answer_state: "final",
    owner: null,
    lease_until_ms: null,
    partial_text: null,
  };
}
