/** A question as it was put, so that the same can be asked from elsewhere. */
export interface SameCall {
  /** Where the server is: `https://chat.example.org`. */
  url: string;
  /** Of the completion. */
  path: string;
  model: string;
  /** A text, or content parts. */
  content: unknown;
  /** The message that the question follows; null where it begins a chat. */
  place: { chatId: string; parentId: string } | null;
  /** The completion as it was sent; empty where that is not kept. */
  body: Record<string, unknown>;
}

const NEW_ROOT = { parent_id: null };

/** What a request can say beside `params`, and a client of ours says in them. */
const PARAMS = [
  "temperature",
  "top_p",
  "max_tokens",
  "max_completion_tokens",
  "seed",
  "stop",
  "frequency_penalty",
  "presence_penalty",
  "reasoning_effort",
  "response_format",
  "tools",
  "tool_choice",
];

/** Characters that nobody sees, or that a terminal would obey. */
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isFilled = (value: unknown) =>
  value !== undefined &&
  value !== null &&
  value !== "" &&
  (typeof value !== "object" || Object.keys(value).length > 0);

const objectsOf = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : []);

/** JSON that says what it holds: unseen characters are escaped. */
function json(value: unknown): string {
  const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(new RegExp(UNSEEN, "g"), escapeUnit);
}

/** One word of a shell command, whatever the text is; only what no command can carry (NUL) is left out. */
export function shellWord(text: string): string {
  const whole = text.replaceAll("\0", "");
  if (!UNSEEN.test(whole)) return `'${whole.replaceAll("'", "'\\''")}'`;
  const escaped = [...whole].map((letter) => {
    if (letter === "'" || letter === "\\") return `\\${letter}`;
    if (!UNSEEN.test(letter)) return letter;
    return [...new TextEncoder().encode(letter)]
      .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
      .join("");
  });
  return `$'${escaped.join("")}'`;
}

const TOKEN_LINE = "export OFFSTAGE_TOKEN='YOUR_TOKEN'";

/** The call itself for a POSIX shell. Its messages have new ids, without which it would be the old question's answer. */
export function curlCommand(
  { url, path, model, content, place, body }: SameCall,
  newId: () => string,
): string {
  const { session_id, message_ids, assistant_message_id, parent_message, chat_id, ...rest } = body;
  const files = isObject(body.user_message) && body.user_message.files;
  const sent = {
    stream: true,
    ...rest,
    model,
    ...(place ? { chat_id: place.chatId, parent_id: place.parentId } : NEW_ROOT),
    id: newId(),
    user_message: { id: newId(), role: "user", content, ...(isFilled(files) && files ? { files } : {}) },
  };
  return [
    TOKEN_LINE,
    `curl --no-buffer ${shellWord(url + path)} \\`,
    `  --header "Authorization: Bearer $OFFSTAGE_TOKEN" \\`,
    "  --header 'Content-Type: application/json' \\",
    `  --data-raw ${shellWord(json(sent))}`,
  ].join("\n");
}

/** What the call asks for, in the words of offstage's own client. */
function askInput({ model, content, place, body }: SameCall): Record<string, unknown> {
  const given = isObject(body.params) ? body.params : {};
  const first = objectsOf(body.messages)[0];
  const { system = first?.role === "system" ? first.content : undefined, ...params } = given;
  const plain = Object.fromEntries(PARAMS.filter((name) => name in body).map((name) => [name, body[name]]));
  const input = {
    model,
    content,
    chatId: place?.chatId,
    parentId: place?.parentId,
    system,
    params: { ...plain, ...params },
    features: body.features,
    variables: body.variables,
    filterIds: body.filter_ids,
    backgroundTasks: body.background_tasks,
    files: objectsOf(body.files),
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => isFilled(value)));
}

/** A program with offstage's client, that Node runs as it is. */
export function typeScriptProgram(call: SameCall): string {
  const fields = Object.entries(askInput(call)).map(
    ([name, value]) => `  ${name}: ${json(value).replaceAll("\n", "\n  ")},`,
  );
  return [
    'import { createOffstage } from "offstage";',
    "",
    "const offstage = createOffstage({",
    `  baseUrl: ${json(call.url)},`,
    '  token: process.env.OFFSTAGE_TOKEN ?? "YOUR_TOKEN",',
    "});",
    "const turn = offstage.ask({",
    ...fields,
    "});",
    "console.log((await turn.answer()).text);",
    "await offstage.close();",
  ].join("\n");
}

/** `offstage ask`, and what of the call it has no options for. */
export function offstageCommand(call: SameCall): { command: string; leftOut: string[] } {
  const { model, content, chatId, system, files = [], parentId, backgroundTasks, ...others } = askInput(call);
  const collections = objectsOf(files).filter(({ type }) => type === "collection");
  const options: [string, unknown][] = [
    ["url", call.url],
    ["model", model],
    ["chat", chatId],
    ["system", system],
    ...collections.map(({ id, name }): [string, unknown] => ["knowledge", id ?? name]),
  ];
  const question = typeof content === "string" ? content : textOf(content);
  // One dash alone means that the question is read from stdin.
  const isDash = question === "-";
  const words = options
    .filter(([, value]) => typeof value === "string" && value !== "")
    .map(([name, value]) => `--${name} ${shellWord(String(value))}`);
  const ask = [
    `${isDash ? "printf - | " : ""}offstage ask`,
    ...words,
    isDash ? "-" : `-- ${shellWord(question)}`,
  ];
  const hasFiles = objectsOf(files).length > collections.length;
  return {
    command: [TOKEN_LINE, ask.join(" \\\n  ")].join("\n"),
    leftOut: [
      ...Object.keys(others),
      ...(hasFiles ? ["files"] : []),
      ...(question === content ? [] : ["images"]),
    ],
  };
}

const textOf = (content: unknown) =>
  objectsOf(content)
    .flatMap(({ text }) => (typeof text === "string" ? [text] : []))
    .join("\n");
