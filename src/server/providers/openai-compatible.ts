import { type Dispatcher, errors, Pool } from "undici";
import { parseJson } from "../../contract/json-shape.ts";
import { OffstageError } from "../../errors.ts";
import { eventsOfCompletion } from "./completion-events.ts";
import { parseEventStream } from "./event-stream.ts";
import { excerpt } from "./excerpt.ts";
import { parseModelList } from "./model-list.ts";
import type {
  EmbeddingsRequest,
  ExchangeWatch,
  Provider,
  ProviderEvent,
  ProviderJson,
  ProviderModel,
  ProviderRequest,
  ProviderResponse,
} from "./provider.ts";

export interface OpenAiProviderOptions {
  /** Shown in errors and logs. */
  name: string;
  /** Where `chat/completions` and `models` are, such as `https://api.openai.com/v1`; a query is kept. */
  baseUrl: string;
  /** Sent as Bearer token; without one no Authorization is sent. Never part of an error. */
  apiKey?: string | null;
  /** Sent with every request, such as what a gateway wants. Never part of an error. */
  headers?: Readonly<Record<string, string>>;
  /** W3C trace context of what a request is made for; those configured go before it. */
  traceHeaders?: (() => Readonly<Record<string, string>>) | undefined;
  /** Longest silence: until the headers, and between two reads of the body. */
  idleTimeoutMs?: number;
  connectTimeoutMs?: number;
  /** Longest silence while the models are listed. */
  listTimeoutMs?: number;
  /** Largest body that is read as a whole. */
  maxBodyBytes?: number;
}

type Response = Dispatcher.ResponseData;

/** How long a connection may take to finish after `[DONE]` before it is given up instead of used again. */
const DRAIN_MS = 1_000;

/**
 * A provider at any endpoint with OpenAI's chat completions (OpenAI, Ollama's and vLLM's `/v1`, …). It keeps its
 * connections, as many as are in use at once. There is no total time-out: slow but live answers go on.
 *
 * Error statuses are passed on as `json` with the body as sent (parsed if it is JSON). A 200 with
 * neither JSON nor events throws `model_failed`. JSON as the answer to `stream: true` is turned into events. A stream
 * that ends cleanly but without `[DONE]` just ends: the reader sees that no `[DONE]` came. An answer's connection is
 * held until its `events` are read to the end, left (`break`), or aborted.
 * @throws OffstageError `bad_input` if `baseUrl` is not an HTTP URL
 */
export function createOpenAiProvider(options: OpenAiProviderOptions): Provider {
  const {
    name,
    apiKey,
    idleTimeoutMs = 300_000,
    connectTimeoutMs = 10_000,
    listTimeoutMs = 10_000,
  } = options;
  const maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024;
  const base = parseBaseUrl(options);
  const pool = new Pool(base.origin, {
    pipelining: 1,
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    connect: { timeout: connectTimeoutMs },
  });
  const secrets = [apiKey ?? "", ...Object.values(options.headers ?? {})].filter((secret) => secret !== "");
  /** What a watcher must not show; a query may hold a key, too. */
  const masked = [...secrets, ...base.searchParams.values()];
  const authorization: Record<string, string> = apiKey ? { authorization: `Bearer ${apiKey}` } : {};

  function path(endpoint: string): string {
    return `${base.pathname.replace(/\/+$/, "")}/${endpoint}${base.search}`;
  }

  /** What is thrown for a failure of the connection, in words. `where` ends the sentence. */
  function connectionError(cause: unknown, where: string, signal?: AbortSignal, timeoutMs = idleTimeoutMs) {
    if (cause instanceof OffstageError) return cause;
    if (signal?.aborted || cause instanceof errors.ClientDestroyedError) {
      return new OffstageError("cancelled", `The request to provider ${name} was cancelled ${where}.`, {
        cause,
      });
    }
    if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
      const message = `Provider ${name} (${base.host}) was silent for ${timeoutMs} ms ${where}. Try again, or allow it more time.`;
      return new OffstageError("timed_out", message, { cause });
    }
    return null;
  }

  /** What is thrown when an answer breaks off. */
  function lost(cause: unknown, after: string, signal?: AbortSignal, timeoutMs?: number): OffstageError {
    const known = connectionError(cause, `after ${after}`, signal, timeoutMs);
    const message = `Provider ${name}: connection lost after ${after} (${reason(cause)}).`;
    return known ?? new OffstageError("model_failed", message, { cause });
  }

  async function send(
    request: Pick<Dispatcher.RequestOptions, "method" | "path"> & { body?: string; accept: string },
    timeoutMs: number,
    signal?: AbortSignal,
    watch?: ExchangeWatch,
  ): Promise<Response> {
    const { accept, body, ...target } = request;
    const contentType: Record<string, string> =
      body === undefined ? {} : { "content-type": "application/json" };
    const headers: Record<string, string> = {
      ...options.traceHeaders?.(),
      ...options.headers,
      accept,
      "user-agent": "offstage",
      ...contentType,
      ...authorization,
    };
    const { method } = target;
    watch?.sent({ method, url: base.origin + target.path, headers, body: body ?? "", secrets: masked });
    try {
      const response = await pool.request({
        ...target,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
        headers,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      watch?.answered({ status: response.statusCode, headers: response.headers });
      return response;
    } catch (cause) {
      const known = connectionError(cause, "before it answered", signal, timeoutMs);
      if (known !== null) throw known;
      const message = `Provider ${name} cannot be reached at ${base.host} (${reason(cause)}). Check that it runs and that its base URL is right.`;
      throw new OffstageError("unreachable", message, { cause });
    }
  }

  async function readText(response: Response, signal?: AbortSignal, timeoutMs?: number): Promise<string> {
    const parts: Buffer[] = [];
    let size = 0;
    try {
      for await (const part of response.body as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > maxBodyBytes) {
          const message = `Provider ${name} sent more than ${maxBodyBytes} bytes in one body; it was not read on.`;
          throw new OffstageError("model_failed", message);
        }
        parts.push(part);
      }
    } catch (cause) {
      throw lost(cause, `${size} bytes`, signal, timeoutMs);
    }
    return Buffer.concat(parts).toString();
  }

  /** Some endpoints repeat a wrong key in their refusal. */
  function hideKey(text: string): string {
    return secrets.reduce((shown, secret) => shown.replaceAll(secret, "…"), text);
  }

  async function readObject(
    response: Response,
    signal: AbortSignal,
    watch?: ExchangeWatch,
  ): Promise<Record<string, unknown>> {
    const text = await readText(response, signal);
    watch?.read(text);
    const body = parseJson(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>;
    const message = `Provider ${name} answered ${response.statusCode} with something that is not a JSON object: ${excerpt(hideKey(text))}`;
    throw new OffstageError("model_failed", message);
  }

  async function readRefusal(
    response: Response,
    signal: AbortSignal,
    watch?: ExchangeWatch,
  ): Promise<ProviderJson> {
    const text = hideKey(await readText(response, signal));
    watch?.read(text);
    const retryAfter = response.headers["retry-after"];
    const wait = typeof retryAfter === "string" ? { retryAfter } : {};
    return { status: response.statusCode, kind: "json", body: parseJson(text) ?? text, ...wait };
  }

  async function* readEvents(
    response: Response,
    signal: AbortSignal,
    watch?: ExchangeWatch,
  ): AsyncGenerator<ProviderEvent[]> {
    let count = 0;
    let done = false;
    try {
      for await (const events of parseEventStream(response.body.iterator({ destroyOnReturn: false }))) {
        count += events.length;
        watch?.heard(events);
        done = events.at(-1)!.data === "[DONE]";
        yield events;
      }
      done = true;
    } catch (cause) {
      throw lost(cause, `${count} events`, signal);
    } finally {
      if (done) drain(response.body);
      else response.body.destroy();
    }
  }

  return {
    name,
    async listModels(signal): Promise<ProviderModel[]> {
      const request = { method: "GET", path: path("models"), accept: "application/json" } as const;
      const response = await send(request, listTimeoutMs, signal);
      const text = hideKey(await readText(response, signal, listTimeoutMs));
      const { statusCode } = response;
      if (statusCode === 401 || statusCode === 403) {
        const message = `Provider ${name} (${base.host}) refused its API key with ${statusCode}. Check the key.`;
        throw new OffstageError("unauthorized", message, { httpStatus: 502 });
      }
      const models = statusCode === 200 ? parseModelList(parseJson(text)) : null;
      if (models !== null) return models;
      const message = `Provider ${name} (${base.host}) did not list its models: ${statusCode} ${excerpt(text)}`;
      throw new OffstageError("server_failed", message);
    },

    async complete(
      request: ProviderRequest,
      signal: AbortSignal,
      watch?: ExchangeWatch,
    ): Promise<ProviderResponse> {
      const accept = request.stream ? "text/event-stream" : "application/json";
      const body = JSON.stringify(request);
      const target = { method: "POST", path: path("chat/completions"), accept, body } as const;
      const response = await send(target, idleTimeoutMs, signal, watch);
      const { statusCode: status } = response;
      if (isRefusal(status)) return readRefusal(response, signal, watch);
      if (!request.stream) return { status, kind: "json", body: await readObject(response, signal, watch) };
      if (String(response.headers["content-type"]).includes("text/event-stream")) {
        return { status, kind: "events", events: readEvents(response, signal, watch) };
      }
      const whole = eventsOfCompletion(await readObject(response, signal, watch));
      return { status, kind: "events", events: once(whole) };
    },

    async embed(request: EmbeddingsRequest, signal: AbortSignal): Promise<ProviderJson> {
      const body = JSON.stringify(request);
      const target = { method: "POST", path: path("embeddings"), accept: "application/json", body } as const;
      const response = await send(target, idleTimeoutMs, signal);
      const { statusCode: status } = response;
      if (isRefusal(status)) return readRefusal(response, signal);
      return { status, kind: "json", body: await readObject(response, signal) };
    },

    depths() {
      const { connected, running, queued } = pool.stats;
      return { connected, running, waiting: queued };
    },

    close: () => pool.destroy(),
  };
}

const isRefusal = (status: number) => status < 200 || status > 299;

/**
 * Reads the rest of a body, so that its connection can be used again; cuts it if the end does not come soon.
 * (undici's `dump` would count what was read before against its limit.)
 */
function drain(body: Response["body"]): void {
  if (body.closed) return;
  const timer = setTimeout(() => body.destroy(), DRAIN_MS).unref();
  body
    .on("close", () => clearTimeout(timer))
    .on("error", () => {})
    .resume();
}

async function* once(events: ProviderEvent[]): AsyncGenerator<ProviderEvent[]> {
  yield events;
}

function parseBaseUrl({ name, baseUrl }: OpenAiProviderOptions): URL {
  const url = URL.parse(baseUrl);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const message = `The base URL of provider ${name} is not an HTTP URL; write one such as https://api.openai.com/v1.`;
  throw new OffstageError("bad_input", message);
}

function reason(cause: unknown): string {
  const error = cause as { code?: unknown; message?: unknown };
  return String(error.code ?? error.message ?? cause);
}
