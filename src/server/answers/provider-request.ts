import type { CompletionRequest } from "../../contract/completion.ts";
import { contentText } from "../../contract/message.ts";
import type { ProviderRequest } from "../providers/provider.ts";

/** The fields of OpenAI's `POST /chat/completions`, less those that are set here. Nothing else goes to a provider. */
const OPENAI_FIELDS = [
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "metadata",
  "modalities",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "seed",
  "service_tier",
  "stop",
  "store",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "verbosity",
  "web_search_options",
] as const;

/** Keys of `params` that steer Open WebUI itself. */
const OWN_PARAMS = new Set([
  "system",
  "function_calling",
  "stream_response",
  "stream_delta_chunk_size",
  "reasoning_tags",
  "model_controls",
  "custom_params",
  "chat_variables",
  "tool_servers",
  "tool_ids",
  "user_message",
  "message_ids",
  "model",
  "messages",
  "stream",
]);

type Params = Record<string, unknown>;

/** `params` flattened: `custom_params` over the others, without what steers Open WebUI and without nulls. */
function flattenParams(params: Params): Params {
  const custom = params.custom_params;
  const all = typeof custom === "object" && custom !== null ? { ...params, ...custom } : params;
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name, value]) => !OWN_PARAMS.has(name) && value !== null && value !== undefined,
    ),
  );
}

/** Replaces each `{{NAME}}` that `variables` names; an empty value leaves nothing, an unknown name stays. */
export function substituteVariables(text: string, variables: Record<string, unknown>): string {
  return text.replace(/\{\{[A-Z0-9_]+\}\}/g, (name) => {
    const value = variables[name];
    return value === undefined || value === null ? name : String(value);
  });
}

/**
 * The request as it goes to the provider. `messages` go as they are, with the model's system prompt and that of
 * `params.system` in front (variables filled in); a system message that leads them keeps its place and comes last in it.
 */
export function buildProviderRequest(input: {
  request: CompletionRequest;
  model: string;
  messages: readonly Record<string, unknown>[];
  /** What the model is asked with where neither the chat nor the request says otherwise. */
  modelParams: Params;
  /** The chat's own `params`; what the request says wins, at its top level and in its `params`. */
  chatParams: Params;
  /** What the chat's folder says to all its chats; it comes after the model's own prompt. */
  folderPrompt?: string | null;
  variables: Record<string, unknown>;
  /** Asks for token counts at the end of a stream where the caller did not say. */
  wantsUsage: boolean;
}): ProviderRequest {
  const { request } = input;
  const requestParams = request.params ?? {};
  const fields = { ...flattenParams(input.modelParams), ...flattenParams(input.chatParams) };
  for (const name of OPENAI_FIELDS) {
    if (request[name] !== undefined && request[name] !== null) fields[name] = request[name];
  }
  const stream = request.stream === true;
  if (stream && input.wantsUsage && fields.stream_options === undefined) {
    fields.stream_options = { include_usage: true };
  }
  if (!stream) delete fields.stream_options;
  return {
    ...fields,
    ...flattenParams(requestParams),
    model: input.model,
    messages: [
      requestParams.system ?? input.chatParams.system,
      input.folderPrompt,
      input.modelParams.system,
    ].reduce<Messages>(
      (messages, prompt) => withSystemPrompt(messages, prompt, input.variables),
      [...input.messages],
    ),
    stream,
  };
}

type Messages = Record<string, unknown>[];

/** Puts a prompt in front, unless what leads already is the same: web UIs say it in both places. */
function withSystemPrompt(messages: Messages, system: unknown, variables: Record<string, unknown>): Messages {
  if (typeof system !== "string" || system.trim() === "") return messages;
  const prompt = substituteVariables(system, variables);
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content: prompt }, ...messages];
  const leading = contentText(first.content);
  const content = [system, prompt].includes(leading) ? prompt : `${prompt}\n${leading}`;
  return [{ ...first, content }, ...rest];
}
