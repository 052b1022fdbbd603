import { randomUUID } from "node:crypto";
import { CAPABILITIES, deriveCapabilities, type ProbedCapabilities } from "../contract/capabilities.ts";
import { isJsonObject } from "../contract/json-shape.ts";
import { OLDEST_OPEN_WEBUI, versionStanding } from "../contract/versions.ts";
import { ApiError, OffstageError } from "../errors.ts";
import type { CallOptions, ServerCapabilities, ServerVersion } from "./client-interface.ts";
import type { Transport } from "./transport.ts";

/** `there`: the server has a call. `absent`: it says in Open WebUI's way that it has not; `foreign`: in another way. */
type Presence = "there" | "absent" | "foreign";

const ALL: ProbedCapabilities = {
  serverTurns: true,
  historyMerge: true,
  linkMessage: true,
  linkParent: true,
};

/**
 * Looks at a server's version and at which calls it has, without asking a model or changing anything: at most four
 * requests, since each release kept what the ones before it had. A correlate, not the behaviour: callers read back what
 * they wrote. A version decides nothing, but that what is too old is refused.
 * @throws `unsupported_version`; `not_open_webui` where nothing answers like one
 */
export async function detectCapabilities(
  transport: Transport,
  readVersion: (options: CallOptions) => Promise<ServerVersion>,
  options: CallOptions,
): Promise<ServerCapabilities> {
  const named = await readVersion(options);
  if (named.offstage !== null) return { ...named, ...deriveCapabilities(ALL, true), probed: [] };
  if (versionStanding(named.version) === "older") throw tooOld(named.version);
  const presences = new Map<keyof ProbedCapabilities, Presence>();
  const has = async (key: keyof ProbedCapabilities) => {
    const presence = await lookForCall(transport, CAPABILITIES[key].call, options);
    presences.set(key, presence);
    return presence === "there";
  };
  const serverTurns = await has("serverTurns");
  const historyMerge = serverTurns && (await has("historyMerge"));
  const linkMessage = serverTurns || (await has("linkMessage"));
  const linkParent = linkMessage || (await has("linkParent"));
  if ([...presences.values()].every((presence) => presence === "foreign")) throw foreign(named.version);
  const found = { serverTurns, historyMerge, linkMessage, linkParent };
  return { ...named, ...deriveCapabilities(found, false), probed: [...presences.keys()] };
}

/** `call` has a method and a path; its ids become nobody's, so that nothing is touched. */
async function lookForCall(transport: Transport, call: string, options: CallOptions): Promise<Presence> {
  const [method, pattern] = call.split(" ") as ["GET" | "POST" | "DELETE", string];
  const path = pattern.replaceAll("{id}", () => randomUUID());
  try {
    await transport.json({ method, path, repeatable: true }, options);
    return "there";
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.retryable || thrown.code === "unauthorized") throw thrown;
    return presenceBy(thrown);
  }
}

/** A call that a server lacks ends at its web pages (HTML, or 405 for what is no GET), or at FastAPI's own 'Not Found'. */
function presenceBy(refusal: ApiError): Presence {
  if (refusal.status < 300) return "absent";
  if (refusal.status < 400) throw refusal;
  const detail = isJsonObject(refusal.body) ? refusal.body.detail : undefined;
  if (detail === undefined) return "foreign";
  return detail === "Not Found" || refusal.status === 405 ? "absent" : "there";
}

function tooOld(version: string): OffstageError {
  return new OffstageError(
    "unsupported_version",
    `The server says that it is Open WebUI ${version}, and offstage works from ${OLDEST_OPEN_WEBUI} on. Upgrade that server. Or give the base URL of the Open WebUI, if this is another program's: Ollama too says its version there.`,
    { details: { version } },
  );
}

function foreign(version: string): OffstageError {
  return new OffstageError(
    "not_open_webui",
    `The server says that it is version ${version}, but has none of Open WebUI's calls. Check that the base URL is that of an Open WebUI, and not of another program such as Ollama.`,
    { details: { version } },
  );
}
