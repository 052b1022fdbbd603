import { randomUUID } from "node:crypto";
import type { ServerCapabilities, ServerVersion } from "../client/open-webui-client.ts";
import { ApiError } from "../errors.ts";
import type { FlowClient } from "./flow-client.ts";

/** What the flow must know of a server before it acts; looked at once per client. */
export interface ServerProfile extends ServerCapabilities, ServerVersion {
  /** `POST chats/{id}` keeps messages that it does not name (0.10.0 and later). */
  historyMerge: boolean;
  /** Two completions may run in one chat at once: 0.9.0 to 0.11.4 lose answers, and the later ones look the same. */
  parallelSafe: boolean;
  /** Which way the flow goes, for reports. */
  path: "offstage" | "server-turns" | "linked" | "parent-link" | "plain";
}

/** Looks at the server without calling a model or changing anything. */
export async function readServerProfile(client: FlowClient, signal?: AbortSignal): Promise<ServerProfile> {
  const [capabilities, { version, offstage }, historyMerge] = await Promise.all([
    client.capabilities({ signal }),
    client.version({ signal }),
    mergesHistory(client, signal),
  ]);
  return {
    ...capabilities,
    version,
    offstage,
    historyMerge,
    parallelSafe: offstage !== null || !capabilities.serverTurns,
    path: offstage === null ? pathOf(capabilities) : "offstage",
  };
}

function pathOf({ serverTurns, linkMessage, linkParent }: ServerCapabilities): ServerProfile["path"] {
  if (serverTurns) return "server-turns";
  if (linkMessage) return "linked";
  return linkParent ? "parent-link" : "plain";
}

/** Deleting one message came in the release that merges; the ids are nobody's, so nothing is deleted. */
async function mergesHistory(client: FlowClient, signal?: AbortSignal): Promise<boolean> {
  try {
    await client.deleteMessage(randomUUID(), randomUUID(), { signal, repeatable: true });
    return true;
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.retryable || thrown.code === "unauthorized") throw thrown;
    return thrown.status !== 405 && thrown.code !== "not_open_webui";
  }
}
