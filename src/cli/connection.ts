import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option } from "commander";
import { asOffstageError, OffstageError } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

/** What a user may say about the server to talk to. */
export interface ConnectionOptions {
  url?: string;
  token?: string;
  dataDir: string;
  json?: boolean;
}

/** The server that a command talks to, and how it was found. */
export interface Connection {
  /** `remote`: named by the user; `running`: found on the data folder; `embedded`: started for this command. */
  readonly path: "remote" | "running" | "embedded";
  /** Options of a client or of an offstage for it. */
  readonly target: { baseUrl: string; token?: string; apiKey?: string };
  /** Ends what was started for this command. */
  close(): Promise<void>;
}

export function dataDirOption(): Option {
  return new Option("--data-dir <folder>", "folder of the embedded server's data")
    .env("OFFSTAGE_DATA_DIR")
    .default("offstage-data");
}

/** The flags of every command that talks to a server. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--url <url>", "an Open WebUI; without it, the server of the data folder").env(
        "OFFSTAGE_URL",
      ),
    )
    .addOption(new Option("--token <token>", "its token or API key (sk-…)").env("OFFSTAGE_TOKEN"))
    .addOption(dataDirOption())
    .option("--json", "print JSON");
}

/** Between two looks at a folder that another command has. */
const FOLDER_PAUSE_MS = 100;

/**
 * The server at `url`; else the one that runs on the data folder; else one in this process, on a free port of 127.0.0.1.
 * That one is this command's alone: others wait until it has gone, so that nobody's answer ends with it.
 */
export async function connectServer(options: ConnectionOptions, terminal: Terminal): Promise<Connection> {
  const close = async () => {};
  if (options.url) return { path: "remote", target: target(options.url, options.token), close };
  const { findRunningServer } = await import("../server/running-server.ts");
  const secretKey = terminal.env.OFFSTAGE_SECRET_KEY;
  for (let waited = false; ; waited = true) {
    const running = await findRunningServer(options.dataDir, { secretKey });
    if (running !== null) return { path: "running", target: target(running.url, running.token), close };
    try {
      const server = await startEmbeddedServer(options.dataDir, terminal);
      const own = target(server.url, await server.ownerToken());
      return { path: "embedded", target: own, close: () => server.close() };
    } catch (thrown) {
      if (asOffstageError(thrown).code !== "unavailable") throw thrown;
      if (!waited) terminal.note(`Waiting for another command to be done with ${options.dataDir} …`);
      await pause(terminal.interrupted);
    }
  }
}

async function pause(interrupted: AbortSignal): Promise<void> {
  await sleep(FOLDER_PAUSE_MS, undefined, { signal: interrupted }).catch((cause) => {
    throw new OffstageError("cancelled", "Cancelled before the data folder was free.", { cause });
  });
}

async function startEmbeddedServer(dataDir: string, { env }: Terminal) {
  const { serverOptionsFromEnv } = await import("../server/config.ts");
  const { startServer } = await import("../server/index.ts");
  const options = serverOptionsFromEnv({ OFFSTAGE_LOG: "silent", ...env });
  return startServer({ ...options, dataDir, host: "127.0.0.1", port: 0, advertised: false });
}

function target(baseUrl: string, token: string | undefined): Connection["target"] {
  if (token === undefined) return { baseUrl };
  return token.startsWith("sk-") ? { baseUrl, apiKey: token } : { baseUrl, token };
}

/** Runs `work` with a connection that is closed afterwards, whatever happens. */
export async function withServer<Result>(
  options: ConnectionOptions,
  terminal: Terminal,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await connectServer(options, terminal);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
