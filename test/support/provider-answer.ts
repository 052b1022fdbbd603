/** How one answer of the test provider is to go wrong or look, as asked for in the last user message. */
export interface Directives {
  [name: string]: string;
}

/** The part of a completion request that the test provider reads. */
export interface CompletionBody {
  model: string;
  messages: { role: string; content: unknown }[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  [field: string]: unknown;
}

const ID = "chatcmpl-test";
/** Seconds; the same for every answer and model. */
export const CREATED_SEC = 1_720_000_000;

/** Fields of OpenAI's `POST /v1/chat/completions`; its servers refuse any other. */
export const OPENAI_FIELDS: ReadonlySet<string> = new Set([
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "messages",
  "metadata",
  "modalities",
  "model",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_retention",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "seed",
  "service_tier",
  "stop",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "verbosity",
  "web_search_options",
]);

/** Why a request gets an error status instead of an answer, or null. */
export function refuse(
  body: CompletionBody,
  directives: Directives,
  options: { strict: boolean; models: string[]; task: string },
  isTask: boolean,
): { status: number; message: string; code: string | null } | null {
  const refusal = (status: number, message: string, code: string | null = null) => ({
    status,
    message,
    code,
  });
  const unknown = Object.keys(body).find((field) => !OPENAI_FIELDS.has(field));
  if (options.strict && unknown) return refusal(400, `Unrecognized request argument supplied: ${unknown}`);
  if (options.strict && body.stream_options && !body.stream) {
    return refusal(400, "'stream_options' is only allowed with 'stream'.");
  }
  if (!options.models.includes(body.model)) {
    return refusal(404, `The model '${body.model}' does not exist.`, "model_not_found");
  }
  if (isTask && options.task === "status500") return refusal(500, "The task failed.");
  if (directives.status === undefined) return null;
  return refusal(Number(directives.status), `mock failure ${directives.status}`, "mock_failure");
}

/** The text of the last user message, its text parts joined by line breaks; empty if there is none. */
export function lastUserText(messages: CompletionBody["messages"]): string {
  return textOf(messages.findLast((message) => message.role === "user")?.content);
}

/** True for the prompts by which a server asks for titles, tags, follow-ups, and one answer in place of several. */
export function isTaskPrompt(text: string): boolean {
  return /^### Task:/m.test(text);
}

/**
 * The `[[name]]` and `[[name=value]]` directives in a text, by name. `[[json=…]]` reaches to the last `]]` of the
 * text, so that its value may hold brackets; it has to stand last.
 */
export function parseDirectives(text: string): Directives {
  const directives: Directives = {};
  if (!text.includes("[[")) return directives;
  const json = /\[\[json=([\s\S]*)\]\]/.exec(text);
  const rest = json === null ? text : text.slice(0, json.index);
  for (const [, name, value] of rest.matchAll(/\[\[(\w+)(?:=([^\]]*))?\]\]/g))
    directives[name!] = value ?? "";
  if (json !== null) directives.json = json[1]!;
  return directives;
}

/** The answer's text for a conversation: the same conversation always gets the same answer. */
export function answerText(
  body: CompletionBody,
  directives: Directives,
  tokens: number,
  plainTasks: boolean,
): string {
  const last = lastUserText(body.messages);
  if (isTaskPrompt(last)) return plainTasks ? "This is no JSON at all." : taskAnswer(last);
  if (directives.json !== undefined) return directives.json;
  if (directives.empty !== undefined) return "";
  const count = Number(directives.tokens ?? tokens);
  if (count > 0) return Array.from({ length: count }, (_, index) => `tok${index} `).join("");
  if (directives.echo !== undefined) return last;
  if (/capital of france/i.test(last)) return "The capital of France is Paris.";
  return `You said: ${last.slice(0, 60)} (${body.model}, ${body.messages.length} messages)`;
}

/** A text in the pieces in which it is streamed: words with the white space after them. */
export function splitTokens(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

function countUsage(body: CompletionBody, completionTokens: number) {
  const promptTokens = body.messages.reduce(
    (sum, message) => sum + splitTokens(textOf(message.content)).length,
    0,
  );
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** An answer as one `chat.completion`. */
export function wholeAnswer(body: CompletionBody, directives: Directives, answer: string) {
  const message =
    directives.tool === undefined
      ? { role: "assistant", content: answer }
      : { role: "assistant", content: null, tool_calls: [toolCall()] };
  const choice = { index: 0, message, finish_reason: finishReason(directives), logprobs: null };
  return {
    id: ID,
    object: "chat.completion",
    created: CREATED_SEC,
    model: body.model,
    choices: [choice],
    usage: countUsage(body, splitTokens(answer).length),
  };
}

/** An answer as server-sent events. */
export interface StreamPlan {
  /** The chunks before the first token, the token chunks, the chunks after the last: ready to be sent. */
  head: string;
  pieces: string[];
  tail: string;
}

/** The event that ends every stream. */
export const DONE = "data: [DONE]\n\n";

/** The whole of an answer as server-sent events, one chunk a token. */
export function planStream(body: CompletionBody, directives: Directives, answer: string): StreamPlan {
  const chunk = (fields: object) =>
    `data: ${JSON.stringify({ id: ID, object: "chat.completion.chunk", created: CREATED_SEC, model: body.model, ...fields })}\n\n`;
  const delta = (fields: object, finish: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });
  const thoughts = Array.from({ length: Number(directives.reason ?? 0) }, (_, index) =>
    delta({ reasoning_content: `thought${index} ` }),
  );
  const tokens = splitTokens(answer);
  const pieces =
    directives.tool === undefined
      ? tokens.map((content) => delta({ content }))
      : toolDeltas().map((call) => delta({ tool_calls: [call] }));
  const usage = usageOf(body, directives, tokens.length);
  return {
    head: delta({ role: "assistant", content: "" }) + thoughts.join(""),
    pieces,
    tail: delta({}, finishReason(directives)) + (usage === null ? "" : chunk({ choices: [], usage })) + DONE,
  };
}

/** The usage that the stream ends with, or null. */
export function usageOf(body: CompletionBody, directives: Directives, completionTokens: number) {
  const asked = body.stream_options?.include_usage === true && directives.nousage === undefined;
  return asked || directives.usage !== undefined ? countUsage(body, completionTokens) : null;
}

function finishReason(directives: Directives): string {
  return directives.tool === undefined ? "stop" : "tool_calls";
}

function toolCall() {
  return {
    id: "call_test",
    type: "function",
    function: { name: "get_weather", arguments: '{"city":"Paris"}' },
  };
}

function toolDeltas() {
  const { function: called, ...call } = toolCall();
  return [
    { index: 0, ...call, function: { name: called.name, arguments: "" } },
    { index: 0, function: { arguments: called.arguments.slice(0, 8) } },
    { index: 0, function: { arguments: called.arguments.slice(8) } },
  ];
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .filter((part) => part?.type === "text")
    .map((part) => String(part.text))
    .join("\n");
}

function taskAnswer(prompt: string): string {
  const answers = [...prompt.matchAll(/^### Answer \d+:\n(.*)$/gm)].map(([, answer]) => answer);
  if (answers.length > 0) return `Merged: ${answers.join(" ")}`;
  if (prompt.includes('"follow_ups"')) {
    const followUps = [
      "How many people live there?",
      "What is its oldest bridge?",
      "Is it worth a visit in May?",
    ];
    return JSON.stringify({ follow_ups: followUps });
  }
  if (prompt.includes('"title"')) return JSON.stringify({ title: "🇫🇷 Capital of France" });
  if (prompt.includes('"tags"')) return JSON.stringify({ tags: ["Geography", "Europe"] });
  return JSON.stringify({});
}
