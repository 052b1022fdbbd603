import { parseArgs } from "node:util";

export const KNOWLEDGE_SECTIONS = ["search", "start", "server"] as const;
export type KnowledgeSection = (typeof KNOWLEDGE_SECTIONS)[number];

export interface KnowledgeOptions {
  sections: ReadonlySet<KnowledgeSection>;
  /** Ingested twice: alone, and beside chats. */
  pages: number;
  chunks: number;
  searches: number;
  chatSeconds: number;
  json: boolean;
  /** A folder with a built package; null builds one. */
  packageRoot: string | null;
}

export const KNOWLEDGE_USAGE = `npm run bench:knowledge -- [options]

  --only LIST      parts to run: ${KNOWLEDGE_SECTIONS.join(",")} (default: all)
  --pages N        pages of 1,700 characters to ingest, twice: alone and beside chats (100; the goal speaks of 1000)
  --chunks N       chunks that there are and are searched (50000)
  --searches N     counted searches in each scope (200)
  --chat-seconds N how long chats are driven without ingestion, and at most beside it (10)
  --package DIR    run the built package that lies there, instead of building it
  --json           figures as JSON, to standard output`;

/** @throws Error saying which option is wrong */
export function parseKnowledgeOptions(args: readonly string[]): KnowledgeOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      pages: { type: "string", default: "100" },
      chunks: { type: "string", default: "50000" },
      searches: { type: "string", default: "200" },
      "chat-seconds": { type: "string", default: "10" },
      package: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  return {
    sections: new Set(values.only?.split(",").map(asSection) ?? KNOWLEDGE_SECTIONS),
    pages: parseCount("--pages", values.pages, 2_000),
    chunks: parseCount("--chunks", values.chunks, 200_000),
    searches: parseCount("--searches", values.searches, 1_000),
    chatSeconds: parseCount("--chat-seconds", values["chat-seconds"], 60),
    json: values.json,
    packageRoot: values.package ?? null,
  };
}

function asSection(text: string): KnowledgeSection {
  const section = KNOWLEDGE_SECTIONS.find((name) => name === text);
  if (section !== undefined) return section;
  throw new Error(`--only: "${text}" is none of ${KNOWLEDGE_SECTIONS.join(", ")}`);
}

function parseCount(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`${option}: "${text}" is not a whole number from 1 to ${most}`);
}
