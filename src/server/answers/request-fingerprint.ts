import { createHash } from "node:crypto";
import type { CompletionRequest } from "../../contract/completion.ts";

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const sorted = (_key: string, value: unknown) =>
  isPlain(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** Equal for requests that ask for the same answer, whatever session waits for it and in whatever order their fields stand. */
export function fingerprintOf(request: CompletionRequest): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...request, session_id: null }, sorted))
    .digest("base64url");
}
