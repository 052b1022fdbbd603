import type { ServerProfile } from "../flow/server-profile.ts";

/** One way in which servers differ, as it is on this one. */
export interface CapabilityRow {
  name: string;
  value: boolean;
  /** How it was found, without trusting the version. */
  foundBy: string;
  why: string;
}

/** What the doctor says of a server. */
export interface ServerDescription {
  version: string;
  /** The version of offstage's own server; null for any other. */
  offstage: string | null;
  /** Whether offstage was tried on this version; a `newer` or `unknown` one was probed like any other. */
  standing: "known" | "newer" | "older" | "unknown";
  /** Which way the flow goes, and what that means. */
  path: ServerProfile["path"];
  pathMeaning: string;
  capabilities: CapabilityRow[];
}

const OLDEST_TRIED = "0.6.15";
const NEWEST_TRIED = "0.12.4";

const PATHS: Readonly<Record<ServerProfile["path"], string>> = {
  offstage:
    "offstage's own server: completions name the question, every answer is saved, one call stops a chat.",
  "server-turns":
    "The server manages turns: completions name the question by parent_id and parent_message, one call stops a chat.",
  linked: "Completions name the question by parent_id and parent_message; answers are stopped task by task.",
  "parent-link": "Completions name the question by parent_id only; answers are stopped task by task.",
  plain: "Completions name no question, which would reach the provider; answers are stopped task by task.",
};

type CapabilityName = {
  [Name in keyof ServerProfile]: ServerProfile[Name] extends boolean ? Name : never;
}[keyof ServerProfile];

const CAPABILITIES: Readonly<Record<CapabilityName, Omit<CapabilityRow, "value">>> = {
  linkParent: {
    name: "link_parent",
    foundBy: "whether the server has GET /api/v1/users/user/status",
    why: "yes: without parent_id the answer loses its question; no: parent_id reaches the provider",
  },
  linkMessage: {
    name: "link_message",
    foundBy: "whether the server has GET /api/v1/knowledge/{id}/files",
    why: "yes: the link needs parent_message too; no: parent_message reaches the provider",
  },
  serverTurns: {
    name: "server_turns",
    foundBy: "whether the server has POST /api/tasks/chat/{id}/stop",
    why: "yes: a chat is stopped by one call, and each completion is saved; no: task by task",
  },
  historyMerge: {
    name: "history_merge",
    foundBy: "whether the server has DELETE /api/v1/chats/{id}/messages/{id}",
    why: "yes: a message that is left out of a save stays; no: it is deleted",
  },
  parallelSafe: {
    name: "parallel_safe",
    foundBy: "server_turns, and whether it is offstage's own server",
    why: "no: two completions at once in one chat may lose an answer, so they wait for each other",
  },
};

/** The table of what a server can do, and which way the flow goes on it. */
export function describeServer(profile: ServerProfile): ServerDescription {
  const { version, offstage, path } = profile;
  const rows = Object.entries(CAPABILITIES) as [CapabilityName, Omit<CapabilityRow, "value">][];
  return {
    version,
    offstage,
    standing: standingOf(version),
    path,
    pathMeaning: PATHS[path],
    capabilities: rows.map(([key, { name, foundBy, why }]) => ({ name, value: profile[key], foundBy, why })),
  };
}

function standingOf(version: string): ServerDescription["standing"] {
  if (!/^\d+\.\d+\.\d+/.test(version)) return "unknown";
  if (compareVersions(version, OLDEST_TRIED) < 0) return "older";
  return compareVersions(version, NEWEST_TRIED) > 0 ? "newer" : "known";
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
