import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ERROR_TABLE, type ErrorCode } from "../../src/errors.ts";
import { ROUTES } from "../../src/server/app.ts";
import { chatEventsDialect } from "../../src/server/realtime/dialects/chat-events.ts";
import type { Dialect } from "../../src/server/realtime/dialects/dialect.ts";
import { eventsDialect } from "../../src/server/realtime/dialects/events.ts";
import { ERROR_MEANINGS } from "./error-meanings.ts";
import { LIVE_EVENT_SAMPLES } from "./live-event-samples.ts";
import { renderTable } from "./table.ts";

const run = promisify(execFile);
const LAUNCHER = join(import.meta.dirname, "../../bin/offstage.js");
const SEPARATORS = /\s+|\|/;

/** A route's path as people write it: `/api/v1/chats/{id}`. */
export const writtenPath = (path: string) => path.replace(/:(\w+)/g, "{$1}");

/** The routes of one group of the server's table. */
export function renderRoutes(tag: string): string {
  const rows = ROUTES.filter((route) => route.tag === tag).map(({ method, path, access, summary }) => [
    `\`${method} ${writtenPath(path)}\``,
    access,
    summary,
  ]);
  if (rows.length === 0) throw new Error(`No route has the tag "${tag}".`);
  return renderTable(["route", "for", "what it does"], rows);
}

/** The closed set of error codes. */
export function renderErrorCodes(): string {
  const rows = Object.entries(ERROR_TABLE).map(([code, { httpStatus, retryable, exitCode }]) => [
    `\`${code}\``,
    ERROR_MEANINGS[code as ErrorCode],
    String(httpStatus),
    retryable ? "yes" : "no",
    String(exitCode),
  ]);
  return renderTable(["code", "meaning", "HTTP", "try again as it is", "exit code"], rows);
}

/** Every live event as both dialects spell it: made by running them. */
export function renderLiveEvents(): string {
  const rows = Object.values(LIVE_EVENT_SAMPLES)
    .flat()
    .map(({ happened, event }) => [
      happened,
      ...[chatEventsDialect, eventsDialect].map((dialect) => spelled(dialect(event))),
    ]);
  return renderTable(["what happens", "`chat-events`", "`events`"], rows);
}

function spelled(events: ReturnType<Dialect>): string {
  const parts = events.map(({ payload: { data } }) => `\`${data.type}\` ${shapeOf(data.data)}`.trim());
  return parts.length === 0 ? "–" : parts.join("; ");
}

/** What an event carries, in short: the names of its fields, or what kind of value it is. */
function shapeOf(data: unknown): string {
  if (Array.isArray(data)) return "a list";
  if (typeof data === "string") return data.startsWith("(") ? "" : "the text";
  if (typeof data !== "object" || data === null) return "";
  const { type, ...rest } = data as Record<string, unknown>;
  const names = Object.keys(rest).join(", ");
  if (names === "" && type === undefined) return "`{}`";
  return `\`{${type === undefined ? names : [`type: "${type}"`, names].join(", ")}}\``;
}

/** The help of every command, each as the command itself prints it. */
export async function renderCliHelp(): Promise<string> {
  return (await helpOf([])).join("\n\n");
}

async function helpOf(command: readonly string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, [LAUNCHER, ...command, "--help"]);
  const [, list = ""] = stdout.split("\nCommands:\n");
  const names = list
    .split("\n\n")[0]!
    .split("\n")
    .filter((line) => /^ {2}\S/.test(line))
    .map((line) => line.trim().split(SEPARATORS)[0]!)
    .filter((name) => name !== "help");
  const below = await Promise.all(names.map((name) => helpOf([...command, name])));
  const heading = `${"#".repeat(command.length + 2)} ${["offstage", ...command].join(" ")}`;
  return [`${heading}\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\``, ...below.flat()];
}
