import type { ErrorCode } from "../../src/errors.ts";

/** What each error code says, for the documentation; the compiler checks that none is missing. */
export const ERROR_MEANINGS: Record<ErrorCode, string> = {
  bad_input: "what was asked for cannot be done, whoever asks",
  invalid_body: "a body or a query does not fit; `detail` lists the faults",
  too_large: "a body is over the limit",
  unauthorized: "no credential, or one that does not hold (any more)",
  forbidden: "the credential holds and does not allow this",
  not_found: "there is no such thing, or it is somebody else's",
  conflict: "the state of the chat or of an account is against it",
  rate_limited: "too much at once; `Retry-After` says how long to wait where that is known",
  unreachable: "nobody answers at the address",
  timed_out: "no answer came in the time that was given",
  server_failed: "the other server failed",
  unavailable: "a server is starting, shutting down, or has its data folder or port taken",
  not_open_webui: "what answers is no Open WebUI",
  unsupported_version: "the Open WebUI is older than any that works",
  tls_failed: "the certificate or the encryption of the address does not hold",
  model_failed: "the model or its provider failed; the message keeps why",
  model_unavailable: "there is no model to ask, or its file is missing",
  answer_lost: "an answer was begun and broke off, or left no trace",
  answer_invalid: "the answer holds no JSON, or none that fits the schema",
  storage_full: "the disk is full",
  cancelled: "the caller gave up, or somebody stopped it",
  internal: "a fault of offstage's own",
};
