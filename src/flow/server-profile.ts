import { randomUUID } from "node:crypto";
import type { ServerCapabilities } from "../client/open-webui-client.ts";
import { isJsonObject } from "../contract/json-shape.ts";
import { ApiError } from "../errors.ts";
import type { FlowClient } from "./flow-client.ts";

/** What the flow must know of a server before it acts; looked at once per client. */
export interface ServerProfile extends ServerCapabilities {
  /** What the server calls its version; for people to read, nothing depends on it. */
  version: string;
  /** The version of offstage's own server; null for any other. */
  offstage: string | null;
  /** `POST chats/{id}` keeps messages that it does not name (0.10.0 and later). */
  historyMerge: boolean;
  /** Two completions may run in one chat at once: 0.9.0 to 0.11.4 lose answers, and the later ones look the same. */
  parallelSafe: boolean;
  /** Which way the flow goes, for reports. */
  path: "offstage" | "server-turns" | "linked" | "parent-link" | "plain";
}

const VERSION_TIMEOUT_MS = 5_000;

/** Looks at the server without calling a model or changing anything. */
export async function readServerProfile(
  client: FlowClient,
  fetch: typeof globalThis.fetch,
  signal?: AbortSignal,
): Promise<ServerProfile> {
  const [capabilities, version, offstage, historyMerge] = await Promise.all([
    client.capabilities({ signal }),
    client.version({ signal }),
    readOffstageVersion(client.baseUrl, fetch, signal),
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

/** `offstage` in `GET /api/version`. Not knowing it costs only time, so an unanswered question counts as a no. */
async function readOffstageVersion(
  baseUrl: string,
  fetch: typeof globalThis.fetch,
  signal?: AbortSignal,
): Promise<string | null> {
  const timeout = AbortSignal.timeout(VERSION_TIMEOUT_MS);
  try {
    const answer = await fetch(`${baseUrl}/api/version`, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const body: unknown = await answer.json();
    return isJsonObject(body) && typeof body.offstage === "string" ? body.offstage : null;
  } catch {
    return null;
  }
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
