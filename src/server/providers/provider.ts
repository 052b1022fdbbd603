import type { Usage } from "../../contract/completion.ts";

/** A model as its provider lists it. Absent figures are not known. */
export interface ProviderModel {
  id: string;
  name: string;
  ownedBy: string;
  /** Unix seconds, 0 where not known. */
  createdAtSec: number;
  contextLength?: number;
  maxOutputTokens?: number;
  capabilities: string[];
  description?: string;
  /** What an administrator has its connection's models marked with. */
  tags?: string[];
  /** True for the model that comes with offstage: fit for trying things out, and called a demo model wherever shown. */
  demo?: boolean;
}

/** A request as it goes to the provider: `model`, `messages`, `stream` and OpenAI's own other fields, nothing else. */
export interface ProviderRequest {
  model: string;
  messages: Record<string, unknown>[];
  stream: boolean;
  [field: string]: unknown;
}

/** One server-sent event of an answer: its data as received, and what it says. */
export interface ProviderEvent {
  /** The `data` field as received, to be passed on unchanged. */
  data: string;
  /** The parsed chunk; null for `[DONE]` and for data that is not a JSON object. */
  chunk: CompletionChunk | null;
  /** Only on the event by which the server itself tells what it found for the question. */
  found?: Found;
}

/** What the server itself found for a question before it asked. */
export interface Found {
  /** In Open WebUI's shape. */
  sources: unknown[];
  /** To be told on the message, for example that a part of the search had to be left out. */
  statuses: Record<string, unknown>[];
}

/** OpenAI's `chat.completion.chunk`, as far as it is read here. */
export interface CompletionChunk {
  id?: string;
  model?: string;
  choices?: {
    index?: number;
    delta?: {
      role?: string;
      content?: string | null;
      reasoning_content?: string | null;
      reasoning?: string | null;
      tool_calls?: unknown[];
    };
    finish_reason?: string | null;
  }[];
  usage?: Usage | null;
  error?: unknown;
  [field: string]: unknown;
}

/** What OpenAI's `POST /v1/embeddings` takes. */
export interface EmbeddingsRequest {
  model: string;
  input: string | string[] | number[] | number[][];
  encoding_format?: "float" | "base64" | undefined;
  dimensions?: number | undefined;
  user?: string | undefined;
}

/** An answer that is there as a whole: a good one, or a refusal with its status. */
export interface ProviderJson {
  status: number;
  kind: "json";
  body: unknown;
  /** `Retry-After` as sent, on a refusal. */
  retryAfter?: string;
  found?: Found;
}

/**
 * What a provider answered, once its headers are there. `json` (stream: false, or an error status) or `events`
 * (stream: true). `events` yields the events of one network read at a time, `[DONE]` included; it throws an
 * `OffstageError` (`timed_out` on silence, `model_failed` on a cut) when the stream breaks.
 */
export type ProviderResponse =
  | ProviderJson
  | { status: number; kind: "events"; events: AsyncIterable<ProviderEvent[]> };

/**
 * Watches an exchange with a provider as it goes. What it is told is as it goes over the wire, secrets and all. Must not
 * throw and not wait.
 */
export interface ExchangeWatch {
  /** The request, as it is about to leave. `secrets` are what the provider's configuration has of them. */
  sent(request: {
    method: string;
    url: string;
    headers: Readonly<Record<string, string>>;
    body: string;
    secrets: readonly string[];
  }): void;
  /** The response's status and headers came. */
  answered(response: {
    status: number;
    headers: Readonly<Record<string, string | string[] | undefined>>;
  }): void;
  /** A body that was read as a whole. */
  read(body: string): void;
  /** Events of a stream, as they come. */
  heard(events: readonly ProviderEvent[]): void;
}

/** Something that answers chat completions: an OpenAI-compatible endpoint, or the local model. */
export interface Provider {
  /** Unique among the server's providers; shown in errors, never secret. */
  readonly name: string;
  /** @throws OffstageError `unreachable`, `timed_out`, `server_failed`, `unauthorized` */
  listModels(signal?: AbortSignal): Promise<ProviderModel[]>;
  /**
   * Resolves with the provider's headers. Aborting `signal` frees whatever the answer holds, at any time.
   * @throws OffstageError `unreachable`, `timed_out`, `model_unavailable`, `cancelled`
   */
  complete(request: ProviderRequest, signal: AbortSignal, watch?: ExchangeWatch): Promise<ProviderResponse>;
  /** The same for OpenAI's embeddings; absent where there are none. */
  embed?(request: EmbeddingsRequest, signal: AbortSignal): Promise<ProviderJson>;
  /** How many connections, or requests, are in which state now. */
  depths?(): Record<string, number>;
  close(): Promise<void>;
}

/** A model and who answers for it. */
export interface FoundModel {
  provider: Provider;
  model: ProviderModel;
}
