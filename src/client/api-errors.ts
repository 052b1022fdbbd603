import { decodeJwt } from "jose/jwt/decode";
import { isJsonObject } from "../contract/json-shape.ts";
import { ApiError, type ErrorCode, OffstageError } from "../errors.ts";

/** What is needed of an HTTP answer to say what it means. `body` is parsed JSON, or text where it is none. */
export interface RefusedAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

const LONGEST_QUOTE = 300;

const CODE_BY_STATUS: Record<number, ErrorCode> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  408: "timed_out",
  409: "conflict",
  413: "too_large",
  422: "invalid_body",
  429: "rate_limited",
};

const WHAT_TO_DO: Partial<Record<ErrorCode, string>> = {
  unauthorized: "Check the token or API key, or sign in again.",
  forbidden: "Ask an administrator of that server for the permission.",
  not_found: "Check the id, and that it belongs to the signed-in user.",
  rate_limited: "Wait before trying again.",
  server_failed: "Try again later; its own log says why.",
  model_unavailable:
    "Take a model that this user is shown (offstage models), or ask an administrator to share it with them.",
  model_failed: "Its model provider refused; check the provider's settings there.",
};

const GATEWAY_TODO =
  "That is a proxy in front of the server, which gets no answer from it. Check that Open WebUI runs, and try again.";

/** An answer with an error status as the error that it means. `call` is the method and path, for the message. */
export function refusalOf(call: string, answer: RefusedAnswer): ApiError {
  const detail = detailSentence(answer.body);
  const code = codeOf(answer.status, detail);
  const said = detail === "" ? "" : `: ${quoted(detail)}`;
  const hint = isGateways(answer) ? GATEWAY_TODO : WHAT_TO_DO[code];
  return apiError(code, `${call} answered ${answer.status}${said}.${hint ? ` ${hint}` : ""}`, answer);
}

/** Open WebUI answers its own failures by JSON. */
function isGateways({ status, body }: RefusedAnswer): boolean {
  return [502, 503, 504].includes(status) && typeof body === "string";
}

/** An answer that no Open WebUI gives at this address: a page, a redirect, or JSON of another shape. */
export function foreignAnswer(call: string, answer: RefusedAnswer): ApiError {
  const location = answer.headers.get("location");
  const what = location
    ? `redirected to ${location}`
    : `answered ${answer.status} with ${answer.headers.get("content-type") ?? "no content type"}, not with what Open WebUI answers`;
  const todo = location
    ? "Use the address that it redirects to as the base URL."
    : "Check that the base URL is that of an Open WebUI, without /api, and that nothing in between shows a page of its own; or this version has no such call.";
  return apiError("not_open_webui", `${call} ${what}. ${todo}`, answer);
}

/** What to do about a connection that was not made, by the code of its failure. */
const CONNECTION_HINTS: readonly { when: RegExp; code: ErrorCode; todo: string }[] = [
  {
    when: /SELF_SIGNED|ISSUER|LEAF_SIGNATURE/,
    code: "tls_failed",
    todo: "Nobody that this machine trusts has signed the server's certificate. Put the certificate of its authority (or its own) in a PEM file, and name that file in NODE_EXTRA_CA_CERTS.",
  },
  {
    when: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    code: "tls_failed",
    todo: "The server's certificate is not valid today. Renew it, or set the clock of this machine.",
  },
  {
    when: /ALTNAME|HOSTNAME/,
    code: "tls_failed",
    todo: "The server's certificate is for another name. Use that name in the base URL.",
  },
  { when: /CERT/, code: "tls_failed", todo: "The server's certificate does not hold. Check it there." },
  {
    when: /^ERR_(SSL|TLS)|^EPROTO$/,
    code: "tls_failed",
    todo: "The server does not speak TLS at this port. Check the port, or use http:// in the base URL.",
  },
  {
    when: /^(ENOTFOUND|EAI_AGAIN)$/,
    code: "unreachable",
    todo: "No such host is known. Check the name in the base URL, and the network.",
  },
  {
    when: /^ECONNREFUSED$/,
    code: "unreachable",
    todo: "Nobody listens there. Check the port in the base URL, and that the server runs.",
  },
];

/** A call that got no answer, or no whole one: `tls_failed`, which trying again does not help, or `unreachable`. */
export function noAnswer(call: string, thrown: unknown): OffstageError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const failure = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  const { code, todo } = CONNECTION_HINTS.find(({ when }) => when.test(failure)) ?? {
    code: "unreachable" as const,
    todo: "Check the base URL, that the server runs, and the network.",
  };
  const said = `${failure && ` (${failure})`}: ${quoted(reason)}`;
  return new OffstageError(code, `${call} got no whole answer${said}. ${todo}`, { cause: thrown });
}

/** The same refusal of a token; where that is a JWT whose time is over by the server's clock, with that said. */
export function withExpiry(refusal: ApiError, token: string | null, serverNowMs: number): ApiError {
  const expiresAtMs = expiryMs(token);
  if (expiresAtMs > serverNowMs) return refusal;
  const since = new Date(expiresAtMs).toISOString();
  const sentence = `${refusal.message} It expired at ${since}; offstage gets another by itself where it is given credentials instead of a token.`;
  return new ApiError("unauthorized", sentence, refusal, { cause: refusal });
}

/** When a JWT expires; Infinity for one that does not, for API keys, and without a token. */
function expiryMs(token: string | null): number {
  try {
    const { exp } = decodeJwt(token ?? "");
    return exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The sentence of an error body: `detail` (a text, FastAPI's list, or an object), `error`, `message`, or the text itself. */
export function detailSentence(body: unknown): string {
  if (typeof body === "string") return body.trimStart().startsWith("<") ? "" : body.trim();
  if (!isJsonObject(body)) return "";
  const detail = body.detail ?? body.error ?? body.message;
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) return detail.map(fieldSentence).join("; ");
  return isJsonObject(detail) ? detailSentence(detail) || JSON.stringify(detail) : "";
}

function fieldSentence(item: unknown): string {
  if (!isJsonObject(item)) return String(item);
  const where = Array.isArray(item.loc) ? `${item.loc.join(".")}: ` : "";
  return `${where}${item.msg ?? JSON.stringify(item)}`;
}

/** Open WebUI says 401 for what is not there and for what is not yours, 403 for a missing token, 400 for its provider. */
function codeOf(status: number, detail: string): ErrorCode {
  if (status === 401 && /not found|could not find/i.test(detail)) return "not_found";
  if (status === 401 && /permission|access prohibited/i.test(detail)) return "forbidden";
  if (status === 403 && /not authenticated/i.test(detail)) return "unauthorized";
  if (status !== 401 && /model not found/i.test(detail)) return "model_unavailable";
  if (status === 400 && /^[45]\d\d: /.test(detail)) return "model_failed";
  return CODE_BY_STATUS[status] ?? (status >= 500 ? "server_failed" : "bad_input");
}

function apiError(code: ErrorCode, message: string, answer: RefusedAnswer): ApiError {
  return new ApiError(code, message, {
    status: answer.status,
    body: answer.body,
    requestId: answer.headers.get("x-request-id"),
    retryAfterSec: retryAfterSec(answer.headers),
  });
}

/** Seconds to wait, from either form of `Retry-After` (RFC 9110, 10.2.3); a date counts from the answer's own `Date`. */
function retryAfterSec(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const seconds = (Date.parse(value) - Date.parse(headers.get("date") ?? "")) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").replace(/\.$/, "");
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}
