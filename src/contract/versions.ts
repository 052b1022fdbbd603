/** This package's version; a test holds it to `package.json`. */
export const OFFSTAGE_VERSION = "0.1.0";

/**
 * The Open WebUI version that our server names: its probes and its replies are those of the turn management of 0.9 and
 * later, beside the forms of 0.6.15 that the tutorial needs.
 */
export const OPEN_WEBUI_VERSION = "0.12.4";

/** The oldest Open WebUI that offstage works on, which is the oldest that it was tried on. */
export const OLDEST_OPEN_WEBUI = "0.6.15";
/** The newest that it was tried on. */
const NEWEST_OPEN_WEBUI = "0.12.4";

/**
 * How a version stands to those that were tried. `unknown`: a fork's own, or 0.0.0, as installations call themselves
 * that do not find their version.
 */
export type VersionStanding = "older" | "known" | "newer" | "unknown";

/** Only for telling people and for refusing what is too old: nothing else may depend on a version. */
export function versionStanding(version: string): VersionStanding {
  if (!/^\d+\.\d+\.\d+$/.test(version) || version === "0.0.0") return "unknown";
  if (compareVersions(version, OLDEST_OPEN_WEBUI) < 0) return "older";
  return compareVersions(version, NEWEST_OPEN_WEBUI) > 0 ? "newer" : "known";
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
