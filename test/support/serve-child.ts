import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BIN = join(import.meta.dirname, "../../bin/offstage.js");

/** A real `offstage serve` in a process of its own. */
export interface ServeChild {
  url: string;
  process: ChildProcess;
  /** SIGKILL: no handler of the server's runs. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Makes every file that a command writes end at `$0` KiB, as on a full disk; the signal about it is ignored. */
const WITH_FILE_LIMIT = 'trap "" XFSZ; ulimit -f "$0"; exec "$@"';

/** Starts `offstage serve` on a data folder; resolves once it says that it listens. */
export async function spawnServe(
  dataDir: string,
  providerUrl: string,
  env: Record<string, string> = {},
  options: { maxFileKiB?: number } = {},
): Promise<ServeChild> {
  const command = [process.execPath, BIN, "serve", "--port", "0", "--data-dir", dataDir];
  const { maxFileKiB } = options;
  const [program, ...args] = maxFileKiB
    ? ["bash", "-c", WITH_FILE_LIMIT, String(maxFileKiB), ...command]
    : command;
  const child = spawn(program!, args, {
    env: {
      PATH: process.env.PATH,
      OPENAI_API_BASE_URLS: providerUrl,
      OPENAI_API_KEYS: "provider-key",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (part) => {
    output += part;
  });
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      output += `${line}\n`;
      const [, found] = /offstage listening on (http:\/\/\S+)/.exec(line) ?? [];
      if (found) resolve(found);
    });
    exited.then(([code]) => reject(new Error(`serve ended with ${code} before it listened:\n${output}`)));
  });
  return {
    url,
    process: child,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      return (await exited)[0];
    },
  };
}
