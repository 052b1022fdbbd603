import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { eventually } from "../support/eventually.ts";

const launcher = resolve(import.meta.dirname, "../../bin/offstage.js");

/** A command that ran as a user runs it. */
export interface Run {
  /** Null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Resolves with the first match in what has come on that stream; rejects when it does not come. */
  seen(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Run>;
}

/** Starts `offstage` in a process of its own, with no setting of this one but where programs are found. */
export function startOffstage(
  args: readonly string[],
  env: Record<string, string> = {},
  input = "",
): RunningCommand {
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (part: string) => {
      text[stream] += part;
    });
  }
  child.stdin.end(input);
  const ended = once(child, "close").then(([code]) => ({ code, ...text }));
  return {
    child,
    ended,
    seen: (stream, pattern) =>
      eventually(
        `${stream} shows ${pattern}`,
        () => {
          const match = text[stream].match(pattern);
          if (match === null && child.exitCode !== null) throw new Error(`it ended: ${JSON.stringify(text)}`);
          return match;
        },
        30_000,
      ),
  };
}

/** Runs `offstage` to its end. */
export function offstage(
  args: readonly string[],
  env: Record<string, string> = {},
  input = "",
): Promise<Run> {
  return startOffstage(args, env, input).ended;
}
