import { OffstageError } from "../../errors.ts";
import type { ProviderRequest } from "./provider.ts";

/** One turn of a conversation as the local model sees it: its template knows no others. */
export interface LocalTurn {
  role: "user" | "assistant";
  text: string;
}

/** What the local model is asked: a `ProviderRequest`, checked and in its own terms. */
export interface LocalRequest {
  /** All system messages, joined; empty if there are none. */
  system: string;
  /** At least one. An assistant's at the end is continued. */
  turns: LocalTurn[];
  maxTokens: number | null;
  temperature: number;
  topP: number | null;
  seed: number | null;
  frequencyPenalty: number | null;
  presencePenalty: number | null;
  stop: string[];
  /** JSON asked for: of any shape, or by this schema; null for plain text. */
  json: "any" | Record<string, unknown> | null;
  includeUsage: boolean;
}

/**
 * Reads OpenAI's request fields. Those that mean nothing here (`user`, `store`, …) are passed over.
 * @throws OffstageError `bad_input` for what the local model cannot do: no messages, parts other than text, tools, several choices
 */
export function parseLocalRequest(request: ProviderRequest): LocalRequest {
  const { n, tools, tool_choice: toolChoice } = request;
  if (typeof n === "number" && n > 1) throw refused("gives one choice a request", "Leave out `n`");
  if (Array.isArray(tools) && tools.length > 0 && toolChoice !== "none") {
    throw refused("cannot call tools", "Leave out `tools`, or use another model");
  }
  if (!Array.isArray(request.messages)) throw refused("needs messages", "Send a list as `messages`");
  const system: string[] = [];
  const turns: LocalTurn[] = [];
  for (const message of request.messages) {
    const text = textOf(message.content);
    if (message.role === "system" || message.role === "developer") {
      if (text !== "") system.push(text);
    } else turns.push({ role: message.role === "assistant" ? "assistant" : "user", text });
  }
  if (turns.length === 0) turns.push({ role: "user", text: "" });
  const { stream_options: streamOptions } = request;
  return {
    system: system.join("\n\n"),
    turns,
    maxTokens: number(request, "max_completion_tokens", 1) ?? number(request, "max_tokens", 1),
    temperature: number(request, "temperature", 0) ?? 0,
    topP: number(request, "top_p", 0),
    seed: number(request, "seed", Number.MIN_SAFE_INTEGER),
    frequencyPenalty: number(request, "frequency_penalty", -2),
    presencePenalty: number(request, "presence_penalty", -2),
    stop: stopsOf(request.stop),
    json: jsonOf(request.response_format),
    includeUsage: (streamOptions as { include_usage?: unknown } | undefined)?.include_usage === true,
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (content === null || content === undefined) return "";
  if (!Array.isArray(content)) throw refused("reads only text", "Send `content` as a string");
  return content
    .map((part: { type?: unknown; text?: unknown } | null) => {
      if (part?.type === "text" && typeof part.text === "string") return part.text;
      throw refused(`reads only text, not '${part?.type}'`, "Leave it out, or use another model");
    })
    .join("\n");
}

function number(request: ProviderRequest, field: string, least: number): number | null {
  const value = request[field];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
  throw refused(`cannot use ${JSON.stringify(value)} as \`${field}\``, `Send a number from ${least} on`);
}

function stopsOf(stop: unknown): string[] {
  const stops = Array.isArray(stop) ? stop : [stop];
  return stops.filter((text) => typeof text === "string" && text !== "");
}

function jsonOf(format: unknown): LocalRequest["json"] {
  const { type, json_schema: named } = (format ?? {}) as {
    type?: unknown;
    json_schema?: { schema?: unknown };
  };
  if (type === "json_object") return "any";
  if (type !== "json_schema") return null;
  const schema = named?.schema;
  if (typeof schema === "object" && schema !== null) return schema as Record<string, unknown>;
  throw refused("needs a schema for `json_schema`", "Send it as `response_format.json_schema.schema`");
}

function refused(what: string, remedy: string): OffstageError {
  return new OffstageError("bad_input", `The local model ${what}. ${remedy}.`);
}
