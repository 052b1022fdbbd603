import { type Command, Option } from "commander";
import { type CapabilityRow, describeServer, type ServerDescription } from "../doctor/describe-server.ts";
import { type ChatReport, examineChats } from "../doctor/examine-chats.ts";
import { createOffstage, type OpenWebUiClient } from "../index.ts";
import { addConnectionOptions, type ConnectionOptions, withServer } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

interface DoctorOptions extends ConnectionOptions {
  chat?: string;
  all?: boolean;
}

/** The exit code of an examination that found a chat which the web UI cannot open or go on in. */
const EXIT_BROKEN = 7;

const FINDINGS_SHOWN = 20;

const HELP = `
Without --chat and --all: what the server can do, how that was found, and which way the flow goes on it. That takes at
most four requests; none asks a model or changes anything. Another one lists the models that the token may use.
With them: what is wrong with the chats and what would mend it. Nothing is changed.
  breaks    the web UI cannot open the chat or go on in it
  misleads  it shows something else than what happened
  note      only programs can tell
--all takes the chats that \`offstage chats list\` shows: on some servers not the pinned, archived and foldered ones.
--json prints the server as one object; or an object a chat, one on each line, and their counts on the last.
Exits with ${EXIT_BROKEN} if something breaks, with 0 if not.`;

const STANDINGS: Record<ServerDescription["standing"], string> = {
  known: "",
  newer: "newer than any that was tried: looked at and used like the others",
  older: "older than any that was tried",
  unknown: "no version that was tried: looked at and used like the others",
};

/** The parts of the table, by what is known of a capability. */
const PARTS: readonly { title: string; found: readonly CapabilityRow["found"][] }[] = [
  { title: "Known before anything is written", found: ["probed", "follows"] },
  { title: "Seen on the answer itself, in every form", found: ["passive"] },
  { title: "Never relied on", found: ["unused"] },
];

/** `offstage doctor`: what a server can do, or with `--chat` and `--all` what is wrong with its chats. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  addConnectionOptions(
    program
      .command("doctor")
      .description("tell what a server can do, and find broken chats")
      .option("--chat <id>", "examine this chat")
      .addOption(new Option("--all", "examine every chat").conflicts("chat"))
      .addHelpText("after", HELP),
  ).action((options: DoctorOptions) =>
    withServer(options, terminal, async ({ target }) => {
      const { client, capabilities, close } = createOffstage(target);
      try {
        if (options.chat !== undefined || options.all) await examine(client, options, terminal);
        else {
          const server = describeServer(await capabilities());
          const models = await client.listModels({ signal: terminal.interrupted });
          const ids = models.map(({ id }) => id);
          if (options.json) terminal.printJson({ url: client.baseUrl, ...server, models: ids });
          else for (const line of serverLines(client.baseUrl, server, ids)) terminal.print(line);
        }
      } finally {
        await close();
      }
    }),
  );
}

/** The server as lines for a person: what it is, then a part of the table for each kind of finding. */
function serverLines(url: string, server: ServerDescription, models: readonly string[]): string[] {
  const { version, offstage, standing, path, pathMeaning, capabilities } = server;
  const name = offstage === null ? "" : `offstage ${offstage} as `;
  const nameWidth = Math.max(...capabilities.map((row) => row.name.length)) + 2;
  return [
    `${name}Open WebUI ${version} at ${url}`,
    ...(standing === "known" ? [] : [STANDINGS[standing]]),
    `models that the token may use: ${models.length}`,
    `path: ${path}`,
    `  ${pathMeaning}`,
    ...PARTS.flatMap(({ title, found }) => [
      "",
      `${title}:`,
      ...capabilities
        .filter((row) => found.includes(row.found))
        .flatMap((row) => [
          row.name.padEnd(nameWidth) + saidValue(row).padEnd(6) + row.foundBy,
          `  ${row.meaning}`,
          `  ${row.why}`,
        ]),
    ]),
  ];
}

function saidValue({ value }: CapabilityRow): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value ?? "-";
}

async function examine(client: OpenWebUiClient, options: DoctorOptions, terminal: Terminal): Promise<void> {
  const signal = terminal.interrupted;
  const counts = { chats: 0, broken: 0, misleading: 0, healthy: 0 };
  const { chat } = options;
  await examineChats(client, chat === undefined ? allChatIds(client, signal) : only(chat), {
    signal,
    onReport: (report) => {
      counts.chats += 1;
      counts[verdictOf(report)] += 1;
      if (options.json) terminal.printJson(report);
      else for (const line of reportLines(report)) terminal.print(line.replaceAll(/\s+/g, " "));
    },
    ...(chat === undefined && {
      onGone: (id: string) => terminal.note(`Chat ${id} was deleted before it could be read.`),
    }),
  });
  if (options.json) terminal.printJson(counts);
  const { chats, broken, misleading, healthy } = counts;
  terminal.note(`${chats} chats: ${broken} broken, ${misleading} misleading, ${healthy} healthy`);
  if (broken > 0) process.exitCode = EXIT_BROKEN;
}

async function* allChatIds(client: OpenWebUiClient, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { id } of client.allChats({ signal })) yield id;
}

async function* only(chatId: string): AsyncGenerator<string> {
  yield chatId;
}

function verdictOf({ findings }: ChatReport): "broken" | "misleading" | "healthy" {
  if (findings.some(({ severity }) => severity === "breaks")) return "broken";
  return findings.some(({ severity }) => severity === "misleads") ? "misleading" : "healthy";
}

/** The chat's line, then one for each of its first findings. */
function reportLines(report: ChatReport): string[] {
  const { id, title, findings } = report;
  const more = findings.length - FINDINGS_SHOWN;
  return [
    `${id} ${verdictOf(report)} ${title}`,
    ...findings
      .slice(0, FINDINGS_SHOWN)
      .map(({ severity, code, sentence, mend }) => `- ${severity} (${code}): ${sentence} ${mend}`),
    ...(more > 0 ? [`- … and ${more} more; --json tells all`] : []),
  ];
}
