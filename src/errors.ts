/**
 * What may go wrong, once: the closed set of codes, and for each its HTTP status on our server, whether the
 * same call may be tried again as it is, and the exit code of the command line.
 */
export const ERROR_TABLE = {
  bad_input: { httpStatus: 400, retryable: false, exitCode: 2 },
  invalid_body: { httpStatus: 422, retryable: false, exitCode: 2 },
  too_large: { httpStatus: 413, retryable: false, exitCode: 2 },
  unauthorized: { httpStatus: 401, retryable: false, exitCode: 3 },
  forbidden: { httpStatus: 403, retryable: false, exitCode: 3 },
  not_found: { httpStatus: 404, retryable: false, exitCode: 4 },
  conflict: { httpStatus: 409, retryable: false, exitCode: 4 },
  rate_limited: { httpStatus: 429, retryable: true, exitCode: 5 },
  unreachable: { httpStatus: 502, retryable: true, exitCode: 5 },
  timed_out: { httpStatus: 504, retryable: true, exitCode: 5 },
  server_failed: { httpStatus: 502, retryable: true, exitCode: 5 },
  unavailable: { httpStatus: 503, retryable: true, exitCode: 5 },
  not_open_webui: { httpStatus: 502, retryable: false, exitCode: 5 },
  unsupported_version: { httpStatus: 502, retryable: false, exitCode: 5 },
  tls_failed: { httpStatus: 502, retryable: false, exitCode: 5 },
  model_failed: { httpStatus: 502, retryable: false, exitCode: 6 },
  model_unavailable: { httpStatus: 503, retryable: false, exitCode: 6 },
  answer_lost: { httpStatus: 502, retryable: false, exitCode: 6 },
  answer_invalid: { httpStatus: 502, retryable: false, exitCode: 6 },
  storage_full: { httpStatus: 507, retryable: false, exitCode: 1 },
  cancelled: { httpStatus: 499, retryable: false, exitCode: 130 },
  internal: { httpStatus: 500, retryable: false, exitCode: 1 },
} as const satisfies Record<string, { httpStatus: number; retryable: boolean; exitCode: number }>;

export type ErrorCode = keyof typeof ERROR_TABLE;

export interface OffstageErrorOptions {
  cause?: unknown;
  /** Overrides the table's status where Open WebUI's clients expect another (an unknown chat is a 401 there). */
  httpStatus?: number;
  /** Overrides the table's `retryable` where this occurrence is known better. */
  retryable?: boolean;
  /** What a program may want beside the sentence; never secrets. */
  details?: Record<string, unknown>;
}

/** The one error that offstage throws. Its message says what happened, the value seen, and what to do. */
export class OffstageError extends Error {
  override readonly name: string = "OffstageError";
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly retryable: boolean;
  readonly exitCode: number;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: OffstageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const row = ERROR_TABLE[code];
    this.code = code;
    this.httpStatus = options.httpStatus ?? row.httpStatus;
    this.retryable = options.retryable ?? row.retryable;
    this.exitCode = row.exitCode;
    this.details = options.details ?? {};
  }
}

/** What a server answered when it refused or failed: its status, its body as sent, and its request id. */
export class ApiError extends OffstageError {
  override readonly name = "ApiError";
  /** The HTTP status as received. */
  readonly status: number;
  readonly body: unknown;
  readonly requestId: string | null;
  /** Seconds that the server asked to wait (`Retry-After`), or null. */
  readonly retryAfterSec: number | null;

  constructor(
    code: ErrorCode,
    message: string,
    answer: { status: number; body: unknown; requestId: string | null; retryAfterSec: number | null },
    options: OffstageErrorOptions = {},
  ) {
    super(code, message, options);
    this.status = answer.status;
    this.body = answer.body;
    this.requestId = answer.requestId;
    this.retryAfterSec = answer.retryAfterSec;
  }
}

/** Any thrown value as an OffstageError: itself, or an `internal` one with the value as its cause. */
export function asOffstageError(thrown: unknown): OffstageError {
  if (thrown instanceof OffstageError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OffstageError("internal", message, { cause: thrown });
}
