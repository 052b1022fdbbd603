import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { eventually } from "../support/eventually.ts";

/** How a server is started; always with the same port and folders, so that it can be started again. */
export interface ServerCommand {
  program: string;
  args: readonly string[];
  env: Record<string, string>;
  folder: string;
  url: string;
  /** From the start until `/health` answers. */
  startTimeoutMs: number;
}

/** A server in a process of its own, which dies with this one. */
export interface ServerProcess {
  url: string;
  /** SIGKILL, as a power cut does it, and a second start on the same data. Resolves when the server answers again. */
  restart(): Promise<void>;
  /** Ends it for good; resolves when the process is gone. */
  stop(): Promise<void>;
}

const OUTPUT_TOLD = 4_000;

/** Starts a server and resolves once its `/health` answers. Rejects with its last words if it ends before. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  let child: ChildProcess;
  let exited: Promise<unknown[]>;
  let output = "";
  const kill = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, "SIGKILL");
  };
  const start = async () => {
    output = "";
    const { program, args, env, folder, url, startTimeoutMs } = command;
    child = spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (part) => {
        output = (output + part).slice(-OUTPUT_TOLD);
      });
    await once(child, "spawn");
    exited = once(child, "exit");
    try {
      await eventually(`${url}/health answers`, () => isHealthy(url, child), startTimeoutMs);
    } catch (cause) {
      await stop();
      throw new Error(`The server did not start: ${(cause as Error).message}. It said:\n${output}`, {
        cause,
      });
    }
  };
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await exited;
  };
  process.on("exit", kill);
  await start();
  return {
    url: command.url,
    async restart() {
      kill();
      await exited;
      await start();
    },
    stop,
  };
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function isHealthy(url: string, { exitCode, signalCode }: ChildProcess): Promise<boolean> {
  if (exitCode !== null || signalCode !== null) throw new Error(`it ended with ${exitCode ?? signalCode}`);
  return fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
