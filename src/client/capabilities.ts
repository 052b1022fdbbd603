import { randomUUID } from "node:crypto";
import { ApiError } from "../errors.ts";
import { detailSentence } from "./api-errors.ts";
import type { CallOptions, ServerCapabilities } from "./client-interface.ts";
import type { Call, Transport } from "./transport.ts";

/**
 * Looks at which calls a server has: three of them came in the releases that changed what completions need. A
 * correlate, not the behaviour: callers read back what they wrote.
 */
export async function detectCapabilities(
  transport: Transport,
  options?: CallOptions,
): Promise<ServerCapabilities> {
  const unknownId = randomUUID();
  const [linkParent, linkMessage, serverTurns] = await Promise.all([
    hasCall(transport, { method: "GET", path: "/api/v1/users/user/status" }, options),
    hasCall(transport, { method: "GET", path: `/api/v1/knowledge/${unknownId}/files` }, options),
    hasCall(
      transport,
      { method: "POST", path: `/api/tasks/chat/${unknownId}/stop`, repeatable: true },
      options,
    ),
  ]);
  return { linkParent, linkMessage, serverTurns };
}

/** A call that a server lacks ends at its web pages (HTML, or 405 for a POST), or at FastAPI's own 'Not Found'. */
async function hasCall(transport: Transport, call: Call, options?: CallOptions): Promise<boolean> {
  try {
    await transport.json(call, options);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.retryable || thrown.code === "unauthorized") throw thrown;
    if (thrown.code === "not_open_webui" || thrown.status === 405) return false;
    return typeof thrown.body !== "string" && detailSentence(thrown.body) !== "Not Found";
  }
}
