import { CAPABILITIES, type CapabilityKey, capabilityName } from "../contract/capabilities.ts";
import type { ServerProfile } from "../flow/server-profile.ts";

/** One way in which servers differ, as it is on this one. */
export interface CapabilityRow {
  /** As `link_parent`. */
  name: string;
  /** Null for what is seen on answers only, or never relied on. */
  value: boolean | string | null;
  found: "probed" | "follows" | "passive" | "unused";
  /** How that was found on this server; without a value, what is done whatever it does. */
  foundBy: string;
  meaning: string;
  why: string;
}

/** What the doctor says of a server. */
export interface ServerDescription extends Pick<ServerProfile, "version" | "offstage" | "standing" | "path"> {
  pathMeaning: string;
  /** All that there are. */
  capabilities: CapabilityRow[];
}

const PATHS: Readonly<Record<ServerProfile["path"], string>> = {
  offstage: "Completions name the question; every answer is saved; one call stops a chat.",
  "server-turns": "Completions name the question by parent_id and parent_message; one call stops a chat.",
  linked: "Completions name the question by parent_id and parent_message; each task is stopped alone.",
  "parent-link": "Completions name the question by parent_id only; each task is stopped alone.",
  plain: "Completions name no question, for that would reach the provider; each task is stopped alone.",
};

/** The table of what a server can do, how that was found, and which way the flow goes on it. */
export function describeServer(profile: ServerProfile): ServerDescription {
  const { version, offstage, standing, path } = profile;
  const keys = Object.keys(CAPABILITIES) as CapabilityKey[];
  return {
    version,
    offstage,
    standing,
    path,
    pathMeaning: PATHS[path],
    capabilities: keys.map((key) => describeCapability(key, profile)),
  };
}

function describeCapability(key: CapabilityKey, profile: ServerProfile): CapabilityRow {
  const { meaning, why, ...row } = CAPABILITIES[key];
  const value = (profile as Partial<Record<CapabilityKey, boolean | string>>)[key] ?? null;
  const told = { name: capabilityName(key), value, meaning, why };
  if ("how" in row) return { ...told, found: row.found, foundBy: row.how };
  if (profile.offstage !== null) return { ...told, found: "follows", foundBy: "it is offstage's own server" };
  if ("call" in row && profile.probed.some((probed) => probed === key)) {
    return { ...told, found: "probed", foundBy: `it ${value ? "has" : "lacks"} ${row.call}` };
  }
  return { ...told, found: "follows", foundBy: `follows from ${row.from}` };
}
