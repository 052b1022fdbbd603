import { parseArgs } from "node:util";

export const SECTIONS = ["flows", "streams", "chats", "start", "local"] as const;
export type Section = (typeof SECTIONS)[number];

export interface BenchOptions {
  sections: ReadonlySet<Section>;
  /** Counted flows of a round, and rounds of which the median is taken. */
  flows: number;
  rounds: number;
  /** Flows at each number at once against a real Open WebUI, in one round. */
  realFlows: number;
  /** Fewer of everything, for a look; figures of a server that has not warmed up. */
  quick: boolean;
  /** Runs the server from its sources, for profiles; else the package is built and run as people install it. */
  fromSources: boolean;
  /** 0 takes a free one; a real Open WebUI beside needs to know it beforehand. */
  providerPort: number;
  /** Options for the Node that runs the server, such as `--cpu-prof`. */
  nodeOptions: string[];
}

export const USAGE = `npm run bench -- [options]

  --only LIST          sections to run: ${SECTIONS.join(",")} (default: all but local)
  --local              the local model too (needs its file)
  --flows N            counted flows of a round (2000)
  --rounds N           rounds, of which the median is taken (3)
  --real-flows N       flows against a real Open WebUI, in one round (60)
  --quick              200 flows, one round, few streams: a look, not a measurement
  --sources            run the server from its sources, not the built package
  --provider-port N    port of the provider, for a real Open WebUI beside (a free one)
  --node-option OPT    option for the server's Node, as --node-option=--cpu-prof (repeatable)

A real Open WebUI is measured beside, with fewer flows, when OPEN_WEBUI_URL and OPEN_WEBUI_TOKEN are given;
its provider must be http://127.0.0.1:PROVIDER_PORT/v1.`;

/** @throws Error saying which option is wrong */
export function parseOptions(args: readonly string[]): BenchOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      local: { type: "boolean", default: false },
      flows: { type: "string" },
      rounds: { type: "string" },
      "real-flows": { type: "string", default: "60" },
      quick: { type: "boolean", default: false },
      sources: { type: "boolean", default: false },
      "provider-port": { type: "string", default: "0" },
      "node-option": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { quick } = values;
  const named = values.only?.split(",") ?? SECTIONS.filter((section) => section !== "local");
  const sections = new Set<Section>(named.map(asSection));
  if (values.local) sections.add("local");
  return {
    sections,
    flows: parseCount("--flows", values.flows ?? (quick ? "200" : "2000"), 1, 20_000),
    rounds: parseCount("--rounds", values.rounds ?? (quick ? "1" : "3"), 1, 9),
    realFlows: parseCount("--real-flows", values["real-flows"], 1, 2_000),
    quick,
    fromSources: values.sources,
    providerPort: parseCount("--provider-port", values["provider-port"], 0, 65_535),
    nodeOptions: values["node-option"],
  };
}

function asSection(text: string): Section {
  const section = SECTIONS.find((name) => name === text);
  if (section === undefined) throw new Error(`--only: "${text}" is none of ${SECTIONS.join(", ")}`);
  return section;
}

/** @throws Error naming the option */
export function parseCount(option: string, text: string, least: number, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new Error(`${option}: "${text}" is not a whole number from ${least} to ${most}`);
}
