import { OffstageError } from "../../../errors.ts";

/** Why a document was not read, for programs; in `details.reason` of the error. */
export type RefusalReason =
  | "unknown_type"
  | "empty"
  | "encrypted"
  | "damaged"
  | "too_large"
  | "zip_bomb"
  | "too_slow"
  | "too_much_memory"
  | "crashed";

/** The error for a document that cannot be read, ever: `too_large` for that reason, else `bad_input`. */
export function refusal(reason: RefusalReason, message: string, cause?: unknown): OffstageError {
  const code = reason === "too_large" ? "too_large" : "bad_input";
  return new OffstageError(code, message, { cause, details: { reason } });
}

/** The error for a document whose reader threw: it is damaged, as far as anyone can tell. */
export function damaged(name: string, what: string, thrown: unknown): OffstageError {
  const deep = thrown instanceof RangeError && /call stack/.test(thrown.message);
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const why = deep ? "it is nested too deeply" : said.replace(/\.+$/, "");
  const message = `${name} cannot be read as ${what}: ${why}. Check that the file is complete, or save it anew.`;
  return refusal("damaged", message, thrown);
}
