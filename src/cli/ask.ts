import { type Command, InvalidArgumentError, Option } from "commander";
import { assertReadable } from "../client/open-webui-client.ts";
import { asOffstageError, OffstageError } from "../errors.ts";
import { type Answer, createOffstage, createOpenWebUiClient, type Turn } from "../index.ts";
import { type AskReport, createAskReport, noteAnswer, noteError, noteEvent } from "./ask-report.ts";
import { addConnectionOptions, type Connection, type ConnectionOptions, withServer } from "./connection.ts";
import { readSchemaFile } from "./schema-file.ts";
import { sourceLines } from "./source-lines.ts";
import { formatStep } from "./step-line.ts";
import type { Terminal } from "./terminal.ts";

interface AskOptions extends ConnectionOptions {
  model?: string;
  chat?: string;
  system?: string;
  schema?: string;
  knowledge: string[];
  file: string[];
  wait: "stream" | "events" | "poll";
  timeout: number;
}

/**
 * `offstage ask`: one turn of a chat that people see in the web UI. The answer goes to stdout as it grows, the steps to
 * stderr. Ctrl-C stops the answer on the server too.
 */
export function addAskCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program.command("ask <question>").description("ask in a chat; - reads the question from stdin"),
  )
    .option("--model <id>", "who answers; default: the first model that the server lists")
    .option("--chat <id>", "the chat to go on with; default: a new one")
    .option("--system <prompt>", "the system prompt")
    .option("--knowledge <name>", "a collection to draw on, by name or id; may be repeated", collect, [])
    .option("--file <path>", "a local file to draw on; may be repeated", collect, [])
    .option("--schema <file>", "a JSON Schema; the answer's JSON is printed, and fits it")
    .addOption(
      new Option("--wait <how>", "how the answer is waited for")
        .choices(["stream", "events", "poll"])
        .default("stream"),
    )
    .option("--timeout <seconds>", "how long the answer may take", parseSeconds, 600)
    .action(async (question: string, options: AskOptions) => {
      const report = createAskReport();
      try {
        await withServer(options, terminal, (connection) =>
          ask(question, options, connection, report, terminal),
        );
      } catch (thrown) {
        const error = asOffstageError(thrown);
        noteError(report, error);
        terminal.fail(error);
      }
      if (options.json) terminal.printJson(report);
    });
}

async function ask(
  question: string,
  options: AskOptions,
  { target }: Connection,
  report: AskReport,
  terminal: Terminal,
): Promise<void> {
  for (const path of options.file) await assertReadable(path);
  const schema = options.schema === undefined ? null : await readSchemaFile(options.schema);
  const system = [options.system, schema && jsonPrompt(JSON.stringify(schema.json))]
    .filter(Boolean)
    .join("\n\n");
  const turn = createOffstage(target).ask({
    model: options.model ?? (await firstModel(target, terminal)),
    content: question === "-" ? await terminal.readInput() : question,
    wait: options.wait,
    knowledge: options.knowledge,
    files: options.file,
    timeoutMs: options.timeout * 1000,
    signal: terminal.interrupted,
    ...(options.chat !== undefined && { chatId: options.chat }),
    ...(system !== "" && { system }),
    ...(schema !== null && {
      schema: schema.schema,
      reask: true,
      params: {
        response_format: { type: "json_schema", json_schema: { name: "answer", schema: schema.json } },
      },
    }),
  });
  const isShown = !options.json && schema === null;
  const answer = await follow(turn, report, isShown, terminal);
  noteAnswer(report, answer);
  if (isShown && answer.passages.length > 0)
    terminal.print(["", "Sources:", ...sourceLines(answer.passages)].join("\n"));
  if (schema === null) return;
  report.json = await answer.json();
  if (!options.json) terminal.print(JSON.stringify(report.json, null, 2));
}

/** Shows the turn while it runs. Steps that end after the first word are told when the whole answer stands there. */
async function follow(turn: Turn, report: AskReport, isShown: boolean, terminal: Terminal): Promise<Answer> {
  let shown = "";
  const held: string[] = [];
  const show = (text: string) => {
    if (!isShown || !text.startsWith(shown)) return;
    terminal.write(text.slice(shown.length));
    shown = text;
  };
  try {
    for await (const event of turn) {
      noteEvent(report, event);
      if (event.type === "answer-delta") show(event.snapshot);
      if (event.type !== "step-done") continue;
      if (shown === "") terminal.note(formatStep(event));
      else held.push(formatStep(event));
    }
    const answer = await turn.answer();
    show(answer.text);
    if (isShown && shown !== answer.text) terminal.write(`\n\n${answer.text}`);
    return answer;
  } finally {
    report.chat_id = turn.chatId;
    if (shown !== "") terminal.write("\n");
    for (const line of held) terminal.note(line);
  }
}

async function firstModel(target: Connection["target"], terminal: Terminal): Promise<string> {
  const client = createOpenWebUiClient(target);
  const call = { signal: terminal.interrupted };
  const [model] = await client.listModels(call);
  if (model !== undefined) return model.id;
  const { role } = await client.session(call);
  const advice =
    role === "admin"
      ? "Give it a provider (OPENAI_API_BASE_URLS), or fetch the demo model."
      : "Ask an administrator for access to one.";
  throw new OffstageError("model_unavailable", `${target.baseUrl} lists no model for you. ${advice}`);
}

const jsonPrompt = (schema: string) =>
  `Answer with one JSON value and nothing else. It must fit this JSON Schema:\n${schema}`;

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new InvalidArgumentError("It must be a number of seconds above 0.");
}
