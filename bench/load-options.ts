import { parseArgs } from "node:util";
import { parseCount } from "./options.ts";

export interface LoadOptions {
  /** How long flows are driven at each number at once. */
  minutes: number;
  /** Flows at once, one level after the other. */
  levels: number[];
  users: number;
  /** Open at a time, spread over the users. */
  sockets: number;
  /** Flows of a level at most, so that the disk is bounded too. */
  mostFlows: number;
  postgres: boolean;
  /** A folder with a built package; null builds one. */
  packageRoot: string | null;
  /** Options for the Node that runs the server, such as `--heapsnapshot-signal=SIGUSR2`. */
  nodeOptions: string[];
}

export const LOAD_USAGE = `npm run bench:load -- [options]

  --minutes N          minutes at each number of flows at once, from 0.1 to 60 (5)
  --levels LIST        flows at once (8,32,128)
  --users N            people whose flows these are, half of them by API keys (10)
  --sockets N          open sockets, spread over the people; a fifth leave and come back (50)
  --most-flows N       flows of a level at most (200000)
  --postgres           on PostgreSQL: the empty database that DATABASE_URL names, or the machine's own on a free port
  --package DIR        run the built package that lies there, instead of building it
  --node-option OPT    option for the server's Node, as --node-option=--cpu-prof (repeatable)

After the levels the server is killed in the midst of 32 flows at once, started again on the same data, and everything
that it had acknowledged is looked for.`;

/** @throws Error saying which option is wrong */
export function parseLoadOptions(args: readonly string[]): LoadOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "5" },
      levels: { type: "string", default: "8,32,128" },
      users: { type: "string", default: "10" },
      sockets: { type: "string", default: "50" },
      "most-flows": { type: "string", default: "200000" },
      postgres: { type: "boolean", default: false },
      package: { type: "string" },
      "node-option": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.1 && minutes <= 60))
    throw new Error(`--minutes: "${values.minutes}" is not a number from 0.1 to 60`);
  return {
    minutes,
    levels: values.levels.split(",").map((level) => parseCount("--levels", level, 1, 500)),
    users: parseCount("--users", values.users, 1, 100),
    sockets: parseCount("--sockets", values.sockets, 0, 1_000),
    mostFlows: parseCount("--most-flows", values["most-flows"], 1, 1_000_000),
    postgres: values.postgres,
    packageRoot: values.package ?? null,
    nodeOptions: values["node-option"],
  };
}
