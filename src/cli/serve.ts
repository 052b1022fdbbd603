import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { type Command, InvalidArgumentError, Option } from "commander";
import { dataDirOption } from "./connection.ts";
import type { Terminal } from "./terminal.ts";

interface ServeOptions {
  host: string;
  port: number;
  dataDir: string;
  frontend?: string;
  frontendVersion?: string;
  ui: boolean;
  json?: boolean;
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** `offstage serve`: the server until Ctrl-C or SIGTERM, which let running requests end. */
export function addServeCommand(program: Command, terminal: Terminal): void {
  program
    .command("serve")
    .description("run a server with Open WebUI's API, and a web UI at /")
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on; 0 takes a free one", parsePort, 8080)
    .addOption(dataDirOption())
    .addOption(
      new Option(
        "--frontend <dir>",
        "serve an installed Open WebUI's own web UI (its folder open_webui/frontend)",
      ).env("OFFSTAGE_FRONTEND"),
    )
    .addOption(
      new Option(
        "--frontend-version <version>",
        "that web UI's version, where its package does not say it",
      ).env("OFFSTAGE_FRONTEND_VERSION"),
    )
    .option("--no-ui", "serve the API alone, without a web UI")
    .option("--json", "print where it listens as JSON")
    .action((options: ServeOptions) => serve(options, terminal));
}

/**
 * What a request leaves behind is dead at once, so a young generation that stays small is swept as fast and keeps
 * 80 MiB less; V8 reads this flag at each growth. Only for a process that is nothing but a server.
 */
const KEEP_YOUNG_GENERATION_SMALL = "--semi-space-growth-factor=1";

async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const { host, json, ...named } = options;
  const { serverOptionsFromEnv } = await import("../server/config.ts");
  const { startServer } = await import("../server/index.ts");
  setFlagsFromString(KEEP_YOUNG_GENERATION_SMALL);
  const server = await startServer({ ...serverOptionsFromEnv(terminal.env), host, ...named });
  const { url, host: address, port: taken } = server;
  if (json) terminal.printJson({ url, host: address, port: taken, data_dir: server.dataDir });
  else terminal.print(`offstage listening on ${url}`);
  if (server.setupToken !== null && !LOOPBACK.test(host)) {
    terminal.note(`The first sign-up from another machine needs this set-up token: ${server.setupToken}`);
  }
  if (!terminal.interrupted.aborted) await once(terminal.interrupted, "abort");
  await server.close({ drainMs: 10_000 });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}
