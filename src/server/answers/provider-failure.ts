import type { MessageError } from "../../contract/completion.ts";
import { asOffstageError, OffstageError } from "../../errors.ts";
import type { ProviderJson } from "../providers/provider.ts";

/** The sentence in an OpenAI-style error value: `{error: {message}}`, `{message}`, `{detail}` or text. */
export function failureText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  const { error, message, detail } = value as Record<string, unknown>;
  if (typeof message === "string") return message;
  if (error !== undefined) return failureText(error);
  if (detail !== undefined) return failureText(detail);
  return JSON.stringify(value);
}

/** A provider's refusal, as the message keeps it: `500: what it said`. */
export function refusal(status: number, body: unknown): MessageError {
  return { content: `${status}: ${failureText(body)}`, status };
}

/** A broken or unreachable provider, as the message keeps it and as a waiting caller is told. */
export function breakage(thrown: unknown): { error: MessageError; status: number } {
  const { message, code, httpStatus } = asOffstageError(thrown);
  return { error: { content: message, code }, status: httpStatus };
}

/**
 * A provider's refusal as its waiting caller is told: with the provider's status, its `Retry-After`, and what else it
 * said (OpenAI's clients look for `error`).
 */
export function refusedByProvider(refused: {
  status: number;
  detail: string;
  body?: unknown;
  retryAfter?: string | undefined;
}): OffstageError {
  const { status, detail, body, retryAfter } = refused;
  const reply = typeof body === "object" && body !== null ? body : {};
  const wait = /^\d+$/.test(retryAfter ?? "") ? { retryAfterSec: Number(retryAfter) } : {};
  return new OffstageError("model_failed", detail, { httpStatus: status, details: { reply, ...wait } });
}

/** A refusal that came as a whole, in the provider's own words, as its waiting caller is told. */
export function refusedReply({ status, body, retryAfter }: ProviderJson): OffstageError {
  return refusedByProvider({ status, detail: refusal(status, body).content, body, retryAfter });
}
