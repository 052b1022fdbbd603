import type { CallOptions, ServerCapabilities } from "../client/open-webui-client.ts";
import { type VersionStanding, versionStanding } from "../contract/versions.ts";
import type { FlowClient } from "./flow-client.ts";

/** What the flow must know of a server before it acts. */
export interface ServerProfile extends ServerCapabilities {
  /** Whether this version was tried; a `newer` or `unknown` one is looked at and used like any other. */
  standing: VersionStanding;
  /** Which way the flow goes, for reports. */
  path: "offstage" | "server-turns" | "linked" | "parent-link" | "plain";
}

/** Looks at the server, once per client, without calling a model or changing anything. */
export async function readServerProfile(client: FlowClient, options?: CallOptions): Promise<ServerProfile> {
  const capabilities = await client.capabilities(options);
  return { ...capabilities, standing: versionStanding(capabilities.version), path: pathOf(capabilities) };
}

function pathOf({
  offstage,
  serverTurns,
  linkMessage,
  linkParent,
}: ServerCapabilities): ServerProfile["path"] {
  if (offstage !== null) return "offstage";
  if (serverTurns) return "server-turns";
  if (linkMessage) return "linked";
  return linkParent ? "parent-link" : "plain";
}
