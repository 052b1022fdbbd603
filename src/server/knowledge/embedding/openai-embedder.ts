import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { type Dispatcher, errors, Pool } from "undici";
import * as z from "zod";
import { parseJson } from "../../../contract/json-shape.ts";
import { ApiError, asOffstageError, type ErrorCode, OffstageError } from "../../../errors.ts";
import { excerpt } from "../../providers/excerpt.ts";
import type { Embedder } from "./embedder.ts";
import { splitBatches } from "./embedding-batches.ts";
import { unitVector } from "./unit-vector.ts";
import { untilStopped } from "./until-stopped.ts";

export interface OpenAiEmbedderOptions {
  /** Where `embeddings` is, such as `https://api.openai.com/v1`; a query is kept. */
  baseUrl: string;
  /** Sent as Bearer token; without one no Authorization is sent. Never part of an error. */
  apiKey?: string | null | undefined;
  model: string;
  /** Asked of models that can shorten their vectors. */
  dimensions?: number | undefined;
  /** What the model takes of one text; what is longer the endpoint cuts or refuses. */
  maxTokens?: number | undefined;
  /** The most texts, and characters, of one request. */
  maxTexts?: number;
  maxCharacters?: number;
  /** Longest silence of the endpoint. */
  timeoutMs?: number;
  /** How often a request that may work later is sent again. */
  retries?: number;
  /** Between two tries; rejects when aborted. */
  pause?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** English has about four bytes a token, other languages and code fewer. */
const BYTES_PER_TOKEN = 3;

const Answer = z.object({
  data: z.array(z.object({ index: z.number().int().nonnegative(), embedding: z.array(z.number()) })),
});

/**
 * Any endpoint with OpenAI's `POST /embeddings` (OpenAI, Ollama's and vLLM's `/v1`, …). Texts go out in batches, one
 * after another, again where that may help (429, 5xx, no connection: as `Retry-After` says, else after pauses that double).
 * `countTokens` is an estimate from the bytes, rather too high than too low.
 * @throws OffstageError `bad_input` if `baseUrl` is not an HTTP URL; from `embed`: `unreachable`, `timed_out`,
 * `model_failed` (vectors that do not fit the texts or each other), ApiError with the endpoint's status
 */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { apiKey, model, maxTokens = 8191, maxTexts = 64, maxCharacters = 200_000, retries = 4 } = options;
  const { timeoutMs = 60_000, pause = (ms, signal) => sleep(ms, undefined, { signal }) } = options;
  const base = parseBaseUrl(options.baseUrl);
  const where = `The embedding endpoint ${base.host} (model ${model})`;
  const path = `${base.pathname.replace(/\/+$/, "")}/embeddings${base.search}`;
  const pool = new Pool(base.origin, {
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    maxResponseSize: MAX_BODY_BYTES,
  });
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "offstage",
    ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
  };
  const closing = new AbortController();
  /** That of every vector; null before the first. */
  let dimensions = options.dimensions ?? null;

  async function request(input: string[], signal: AbortSignal): Promise<Float32Array[]> {
    const asked = options.dimensions === undefined ? {} : { dimensions: options.dimensions };
    let response: Dispatcher.ResponseData;
    let text: string;
    try {
      const body = JSON.stringify({ model, input, ...asked });
      response = await pool.request({ method: "POST", path, headers, body, signal });
      text = await response.body.text();
    } catch (cause) {
      throw connectionError(cause);
    }
    if (response.statusCode !== 200) throw refusal(response, text);
    return readVectors(text, input.length);
  }

  function connectionError(cause: unknown): OffstageError {
    if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
      const message = `${where} was silent for ${timeoutMs} ms. Try again later, or with fewer texts.`;
      return new OffstageError("timed_out", message, { cause });
    }
    const { code, message } = cause as { code?: string; message: string };
    const sentence = `${where} cannot be reached (${code ?? message}). Check that it runs and that its base URL is right.`;
    return new OffstageError("unreachable", sentence, { cause });
  }

  function refusal({ statusCode: status, headers }: Dispatcher.ResponseData, text: string): ApiError {
    // Some endpoints repeat a wrong key in their refusal.
    const body = apiKey ? text.replaceAll(apiKey, "…") : text;
    const message = `${where} answered ${status}: ${excerpt(body)}${HINTS[status] ?? ""}`;
    const retryAfterSec = parseRetryAfter(headers["retry-after"]);
    const answer = { status, body, requestId: null, retryAfterSec };
    return new ApiError(codeOf(status), message, answer, { httpStatus: 502 });
  }

  function readVectors(text: string, count: number): Float32Array[] {
    const answer = Answer.safeParse(parseJson(text));
    if (!answer.success)
      throw failed(`answered with something that is not a list of embeddings: ${excerpt(text)}`);
    const { data } = answer.data;
    const vectors = Array.from({ length: count }, (_, index) => data.find((row) => row.index === index));
    if (data.length !== count || vectors.includes(undefined))
      throw failed(`sent ${data.length} vectors for ${count} texts, or not one for each.`);
    return vectors.map((row) => readVector(row!.embedding));
  }

  function readVector(embedding: number[]): Float32Array {
    dimensions ??= embedding.length;
    if (embedding.length !== dimensions)
      throw failed(
        `sent a vector of ${embedding.length} dimensions, not ${dimensions}. Check that it is still the same model.`,
      );
    const vector = unitVector(embedding);
    if (vector === null) throw failed("sent a vector that is zero.");
    return vector;
  }

  function failed(what: string): OffstageError {
    return new OffstageError("model_failed", `${where} ${what}`);
  }

  function requestPatiently(
    input: string[],
    signal: AbortSignal,
    isUrgent: boolean,
  ): Promise<Float32Array[]> {
    return pRetry(() => request(input, signal), {
      // Whoever waits for a search has words, too.
      retries: isUrgent ? Math.min(retries, 1) : retries,
      minTimeout: 0,
      async shouldRetry({ error, retriesConsumed }) {
        if (signal.aborted || !asOffstageError(error).retryable) return false;
        const asked = error instanceof ApiError ? (error.retryAfterSec ?? 0) * 1000 : 0;
        await pause(Math.min(MAX_PAUSE_MS, Math.max(asked, FIRST_PAUSE_MS * 2 ** retriesConsumed)), signal);
        return true;
      },
    });
  }

  return {
    name: `openai:${model}${options.dimensions === undefined ? "" : `@${options.dimensions}`}`,
    get dimensions() {
      return dimensions;
    },
    maxTokens,
    countTokens: (text) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN),
    embed: (texts, signal, { urgent = false } = {}) =>
      untilStopped(signal, closing.signal, async (stop) => {
        const vectors: Float32Array[] = [];
        for (const batch of splitBatches(texts, { maxTexts, maxCharacters })) {
          stop.throwIfAborted();
          vectors.push(...(await requestPatiently(batch, stop, urgent)));
        }
        return vectors;
      }),
    async close() {
      closing.abort();
      await pool.destroy();
    },
  };
}

const HINTS: Record<number, string> = {
  401: " Check its API key.",
  403: " Check its API key.",
  404: " Check the base URL and the model's name.",
};

function codeOf(status: number): ErrorCode {
  if (status === 429) return "rate_limited";
  if (status === 401 || status === 403) return "unauthorized";
  return status >= 500 ? "server_failed" : "model_failed";
}

/** In seconds; null where it is neither a number nor a date. */
function parseRetryAfter(header: string | string[] | undefined): number | null {
  const text = String(header ?? "");
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, (atMs - Date.now()) / 1000);
}

function parseBaseUrl(baseUrl: string): URL {
  const url = URL.parse(baseUrl);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const message = `The base URL for embeddings is "${baseUrl}"; write an HTTP URL such as https://api.openai.com/v1.`;
  throw new OffstageError("bad_input", message);
}
