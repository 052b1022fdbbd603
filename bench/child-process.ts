import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** A process of ours that has said that it is ready. */
export interface Child {
  readonly pid: number;
  /** The rest of the line that it said it with: the address that it listens on. */
  readonly url: string;
  /** SIGTERM, SIGKILL after five seconds; resolves once it is gone. */
  stop(): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

/** Those still running; killed whenever this process ends. */
const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/**
 * Runs `node ARGUMENTS` and resolves when a line of its standard output begins with `readyPrefix`.
 * @throws Error with the end of its output if it ends or `timeoutMs` pass before that
 */
export async function startChild(
  args: readonly string[],
  readyPrefix: string,
  options: { env?: Record<string, string>; cwd: string; timeoutMs?: number },
): Promise<Child> {
  const { timeoutMs = 30_000 } = options;
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      running.delete(child);
      resolve();
    });
  });
  const said: string[] = [];
  const remember = (line: string) => {
    said.push(line);
    if (said.length > 20) said.shift();
  };
  createInterface({ input: child.stderr }).on("line", remember);
  const stop = async () => {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(kill);
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };

  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  const fail = (what: string) =>
    reject(new Error(`node ${args.join(" ")} ${what} before saying "${readyPrefix}":\n${said.join("\n")}`));
  const timer = setTimeout(() => fail(`took over ${timeoutMs} ms`), timeoutMs);
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith(readyPrefix)) resolve(line.slice(readyPrefix.length).trim());
    else remember(line);
  });
  child.once("error", (error) => fail(error.message));
  ended.then(() => fail("ended"));
  try {
    return { pid: child.pid!, url: await ready, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `node ARGUMENTS` to its end and resolves with its standard output. @throws Error if it fails */
export async function runToEnd(args: readonly string[], cwd: string, timeoutMs = 60_000): Promise<string> {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  running.add(child);
  let output = "";
  let complaint = "";
  child.stdout.on("data", (part) => (output += part));
  child.stderr.on("data", (part) => (complaint += part));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => running.delete(child));
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}: ${complaint}`);
  return output;
}

/** Memory that a process holds now, in MiB; null where the system has no /proc. */
export async function residentMiB(pid: number): Promise<number | null> {
  if (process.platform !== "linux") return null;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) / 1024;
}

/** Processor time that a process has used so far, all its threads together; null where the system has no /proc. */
export async function processorMs(pid: number): Promise<number | null> {
  if (process.platform !== "linux") return null;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field, the command's name in brackets, may hold blanks; the 14th and 15th count hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
