import type { WireOrigin } from "../api/shapes.ts";
import { text } from "../text.ts";

const SHORT_CHARS = 8;

/** What a client calls itself, without its version: `curl` of `curl/8.5.0`. */
const clientName = (client = "") => /^[^\s/(]+/.exec(client)?.[0] ?? text.chat.someProgram;

/** Who or what started a turn, in a few words; "" for a person in a web page, and where it is not known. */
export function originLine(origin: WireOrigin | null): string {
  if (!origin || origin.kind === "person") return "";
  if (origin.run_id !== undefined)
    return text.chat.byRun(clientName(origin.client), origin.run_id.slice(0, SHORT_CHARS));
  return origin.api_key
    ? text.chat.byKey(origin.api_key.name)
    : text.chat.byClient(clientName(origin.client));
}
