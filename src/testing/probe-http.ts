import { parseJson } from "../contract/json-shape.ts";
import { OffstageError } from "../errors.ts";

/** An answer of any status, read to its end. */
export interface ProbeReply {
  status: number;
  /** Lower case, without parameters; "" where there is none. */
  contentType: string;
  text: string;
  /** Undefined where the text is no JSON. */
  body: unknown;
}

export interface ProbeRequest {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent instead of a body. */
  form?: FormData;
  accept?: string;
}

/** Sends one request as the user. @throws `unreachable`, or the signal's reason */
export type ProbeCall = (
  method: "GET" | "POST" | "DELETE",
  path: string,
  request?: ProbeRequest,
) => Promise<ProbeReply>;

/** Requests to one server that are judged by whoever sends them: no retry, no redirect, no refused status. */
export function createProbeCall(
  target: { baseUrl: string; token: string; fetch: typeof globalThis.fetch },
  signal: AbortSignal,
): ProbeCall {
  return async (method, path, { body, form, accept = "application/json" } = {}) => {
    const init: RequestInit = {
      method,
      redirect: "manual",
      signal,
      headers: {
        accept,
        authorization: `Bearer ${target.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(form === undefined ? {} : { body: form }),
    };
    try {
      return await readReply(await target.fetch(target.baseUrl + path, init));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      const why =
        cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
      throw new OffstageError("unreachable", `${method} ${path} got no whole answer: ${why}.`, { cause });
    }
  };
}

async function readReply(response: Response): Promise<ProbeReply> {
  const text = await response.text();
  const contentType = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  return { status: response.status, contentType, text, body: parseJson(text) };
}

/** A reply in a few words, for evidence: its status, its content type and the beginning of what it says. */
export function describeReply({ status, contentType, text }: ProbeReply): string {
  const said = contentType === "text/html" ? "" : ` ${text.replace(/\s+/g, " ").slice(0, 100)}`;
  return `${status} ${contentType || "no content type"}${said}`.trimEnd();
}

/** What stands at the end of a path of keys into JSON of unknown shape; undefined where the path ends before. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}
