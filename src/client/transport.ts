import { parseJson } from "../contract/json-shape.ts";
import { ATTEMPT_HEADER, RUN_HEADER, type RunMark } from "../contract/run-mark.ts";
import { ApiError, OffstageError } from "../errors.ts";
import type { AccessToken } from "./access-token.ts";
import { foreignAnswer, refusalOf, withExpiry } from "./api-errors.ts";
import { type AttemptLimit, cancelled, startAttemptLimit, unlessAborted } from "./attempt-limit.ts";
import type { CallOptions, ClientClock } from "./client-interface.ts";
import type { RetryPolicy } from "./retry-policy.ts";

export interface Call {
  method: "GET" | "POST" | "DELETE";
  /** From the base URL on, with its query: `/api/version`. */
  path: string;
  /** Sent as JSON; a form as a form, each part read while it is sent. */
  body?: unknown;
  accept?: string;
  /** Whether doing it twice is as good as once; it is retried only then. Default: a GET is. */
  repeatable?: boolean;
  /** Whether it is sent without a token and never signs in. */
  anonymous?: boolean;
  /** Whether every Open WebUI has it, so that a server which has not is none. */
  everywhere?: boolean;
}

type MarkedCall = Call & { run?: RunMark | undefined };

/** A successful answer whose body nobody has read yet. Whoever gets it reads `json`, or the body, and then ends `limit`. */
export interface OpenAnswer {
  response: Response;
  limit: AttemptLimit;
  /** The body; ends `limit`. @throws `not_open_webui` where it is no JSON. */
  json(): Promise<unknown>;
}

/** Requests to one server, with its token, time-outs, retries and errors. */
export interface Transport {
  /** The JSON of a successful answer. */
  json(call: Call, options?: CallOptions): Promise<unknown>;
  /** A successful answer of any content type, from one attempt; the time-out goes on until `limit.end()`. */
  open(call: Call, options?: CallOptions): Promise<OpenAnswer>;
  /** Now by the server's clock, from the last answer's `Date`; null before there was one. */
  serverNowMs(): number | null;
}

export interface TransportParts {
  baseUrl: string;
  fetch: typeof globalThis.fetch;
  token: AccessToken;
  retry: RetryPolicy;
  clock: ClientClock;
  timeoutMs: number;
  userAgent: string;
}

/** The one place that sends requests. Redirects are never followed: they would turn a POST into a GET. */
export function createTransport(parts: TransportParts): Transport {
  const { token, clock } = parts;
  /** How far the server's clock is ahead of ours at the last answer, or null. */
  let aheadMs: number | null = null;
  const serverNowMs = () => (aheadMs === null ? null : clock.nowMs() + aheadMs);

  async function send(
    call: MarkedCall,
    authorization: string | null,
    limit: AttemptLimit,
  ): Promise<Response> {
    const headers = new Headers({ accept: call.accept ?? "application/json", "user-agent": parts.userAgent });
    if (authorization !== null) headers.set("authorization", `Bearer ${authorization}`);
    if (call.run) headers.set(RUN_HEADER, call.run.id);
    if (call.run?.attempt) headers.set(ATTEMPT_HEADER, String(call.run.attempt));
    const body =
      call.body === undefined || call.body instanceof FormData ? call.body : JSON.stringify(call.body);
    if (typeof body === "string") headers.set("content-type", "application/json");
    const response = await parts.fetch(parts.baseUrl + call.path, {
      method: call.method,
      headers,
      // Fetch keeps what it has sent, so as to follow a redirect, unless there is no window and none is to be followed.
      ...(body instanceof FormData ? { redirect: "error", window: null } : { redirect: "manual" }),
      signal: limit.signal,
      ...(body === undefined ? {} : { body }),
    });
    const serverMs = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(serverMs)) aheadMs = serverMs - clock.nowMs();
    if (!response.ok) throw await refusal(call, response);
    return response;
  }

  async function sendAuthorised(call: MarkedCall, limit: AttemptLimit): Promise<Response> {
    if (call.anonymous) return send(call, null, limit);
    const present = await unlessAborted(token.get(), limit.signal);
    try {
      return await send(call, present, limit);
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.code !== "unauthorized") throw thrown;
      const renewed = await unlessAborted(token.renew(present), limit.signal);
      if (renewed === null) throw withExpiry(thrown, present, serverNowMs() ?? clock.nowMs());
      return send(call, renewed, limit);
    }
  }

  async function attempt(call: Call, options: CallOptions, earlier = 0): Promise<OpenAnswer> {
    const deadlineInMs = deadlineOf(options) - clock.nowMs();
    const limit = startAttemptLimit(nameOf(call), {
      ...options,
      timeoutMs: options.timeoutMs ?? parts.timeoutMs,
      deadlineInMs,
    });
    try {
      limit.signal.throwIfAborted();
      const run = options.run && { ...options.run, attempt: (options.run.attempt ?? 1) + earlier };
      const response = await sendAuthorised({ ...call, run }, limit);
      return { response, limit, json: () => readJson(call, response, limit) };
    } catch (thrown) {
      limit.end();
      throw limit.explain(thrown);
    }
  }

  const wholeJson = async (call: Call, options: CallOptions, earlier = 0) =>
    (await attempt(call, options, earlier)).json();

  return {
    json: async (call, options = {}) => {
      if (!(call.repeatable ?? call.method === "GET")) return wholeJson(call, options);
      const { signal } = options;
      try {
        return await parts.retry.run((earlier) => wholeJson(call, options, earlier), {
          deadlineAtMs: deadlineOf(options),
          signal,
        });
      } catch (thrown) {
        throw signal?.aborted ? cancelled(nameOf(call), signal) : thrown;
      }
    },
    open: (call, options = {}) => attempt(call, options),
    serverNowMs,
  };
}

/** An id as one segment of a path; dots alone would climb out of it. */
export function pathSegment(id: string): string {
  if (id === "" || id === "." || id === "..") {
    throw new OffstageError("bad_input", `"${id}" is not an id. Give the id of something that exists.`);
  }
  return encodeURIComponent(id);
}

function isJson(response: Response): boolean {
  return /^application\/([a-z.]+\+)?json\b/i.test(response.headers.get("content-type") ?? "");
}

function nameOf(call: Call): string {
  return `${call.method} ${call.path}`;
}

function deadlineOf(options: CallOptions): number {
  return options.deadlineAtMs ?? Number.POSITIVE_INFINITY;
}

async function refusal(call: Call, response: Response): Promise<ApiError> {
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: parseJson(text) ?? text };
  const isForeign = response.status < 400 || (call.everywhere && [404, 405, 410].includes(response.status));
  return isForeign ? foreignAnswer(nameOf(call), answer) : refusalOf(nameOf(call), answer);
}

async function readJson(call: Call, response: Response, limit: AttemptLimit): Promise<unknown> {
  try {
    const text = await response.text();
    if (response.status === 204) return null;
    const body = isJson(response) ? parseJson(text) : undefined;
    if (body !== undefined) return body;
    throw foreignAnswer(nameOf(call), { status: response.status, headers: response.headers, body: text });
  } catch (thrown) {
    throw limit.explain(thrown);
  } finally {
    limit.end();
  }
}
