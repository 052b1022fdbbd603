import type * as z from "zod";
import { asOffstageError, OffstageError } from "../../errors.ts";

/** A body that does not fit, as FastAPI's clients know it: one entry a fault, with the way to it. */
export class InvalidBody extends OffstageError {
  readonly detail: { type: string; loc: (string | number)[]; msg: string }[];

  constructor(detail: { type: string; loc: (string | number)[]; msg: string }[]) {
    const first = detail[0];
    super("invalid_body", first ? `${first.loc.join(".")}: ${first.msg}` : "The body does not fit.");
    this.detail = detail;
  }
}

/** More faults than this tell nobody anything. */
const MAX_FAULTS = 20;

/** The faults that zod found, under `body` or `query`. */
export function invalid(place: "body" | "query", error: z.ZodError): InvalidBody {
  return new InvalidBody(
    error.issues.slice(0, MAX_FAULTS).map((issue) => ({
      type: issue.code,
      loc: [place, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))],
      msg: issue.message,
    })),
  );
}

/**
 * What a client is told: `{detail, request_id}`, and `error` as OpenAI's clients read it, beside what a provider
 * replied. Causes and stacks stay here.
 */
export function errorResponse(thrown: unknown, requestId: string): Response {
  const error = asOffstageError(thrown);
  const isOurs = error.code === "internal";
  const detail = isOurs
    ? "Something went wrong in the server; its log has the details under this request id."
    : error instanceof InvalidBody
      ? error.detail
      : error.message;
  const headers: Record<string, string> = { "content-type": "application/json", "x-request-id": requestId };
  const { reply, retryAfterSec } = error.details;
  if (typeof retryAfterSec === "number") headers["retry-after"] = String(retryAfterSec);
  const message = typeof detail === "string" ? detail : error.message;
  const forOpenAi = { error: { message, type: error.code, code: error.code, param: null } };
  const body = { ...forOpenAi, ...(reply as object | undefined), detail, request_id: requestId };
  return new Response(JSON.stringify(body), { status: error.httpStatus, headers });
}
