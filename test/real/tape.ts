import type { LiveEvent } from "../../src/index.ts";
import type { CompletionBody } from "../support/provider-answer.ts";

/** One request of the client and what came of it. */
export interface TapedCall {
  kind: "call";
  method: string;
  /** From the base URL on, with its query. */
  path: string;
  /** Parsed; absent where there was none. */
  body?: unknown;
  /** Why there was no reply: an error code such as `ECONNREFUSED`, or `aborted` where the client gave up. */
  failure?: string;
  status?: number;
  /** Absent for JSON. */
  contentType?: string;
  /** Parsed JSON, or the text where it is none. */
  reply?: unknown;
}

/** What happened between client, server and provider in one scenario, in the order in which it began. */
export type TapeEntry =
  | TapedCall
  /** What the client heard live, its connection's beginning and end included. */
  | {
      kind: "heard";
      event: Exclude<LiveEvent, { type: "closed" }> | { type: "closed"; failure: string | null };
    }
  /** A completion that reached the provider, but those of the server's own tasks; its last two fields as they ended. */
  | { kind: "asked"; body: CompletionBody; tokensSent: number; clientClosed: boolean }
  /** The server was killed. */
  | { kind: "restart" };

/** One scenario on one version. */
export interface Tape {
  /** What the scenario noted where more than one outcome is right. */
  notes: string;
  entries: TapeEntry[];
}

/** What stands for a page of HTML, of which nobody reads more. */
export const SOME_HTML = "<!doctype html>";

const ID =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{24,32}(?![0-9a-f])/g;
const DATE = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g;
const ADDRESS = /127\.0\.0\.1:\d+/g;

/** The ids in a text, in order. */
export function idsIn(text: string): string[] {
  return text.match(ID) ?? [];
}

/** The text with each id replaced. */
export function replaceIds(text: string, replace: (id: string) => string): string {
  return text.replace(ID, replace);
}

/** The same value with one moment for all times, whatever their unit, and one address for all servers. */
export function withoutTimes(value: unknown): unknown {
  if (typeof value === "string")
    return value.replace(DATE, "2024-01-01T00:00:00Z").replace(ADDRESS, "127.0.0.1:1");
  if (typeof value === "number") return momentOf(value);
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withoutTimes(field)]));
}

const MOMENT_SEC = 1_704_067_200;

/** Seconds, milliseconds or nanoseconds of this decade and the next become those of one moment. */
function momentOf(value: number): number {
  const unit = [1, 1e3, 1e9].find((each) => value > 1.6e9 * each && value < 2.4e9 * each);
  return unit === undefined ? value : MOMENT_SEC * unit;
}

/** The name of the n-th id of a tape. */
export function idName(index: number): string {
  return `«${index}»`;
}

/** The names of ids in a text, in order. */
export function idNamesIn(text: string): string[] {
  return text.match(/«\d+»/g) ?? [];
}

/** The text with each name of an id replaced. */
export function replaceIdNames(text: string, replace: (name: string) => string): string {
  return text.replace(/«\d+»/g, replace);
}

/** The tape with ids as names in the order in which they came, without times and addresses: the same for each run. */
export function normaliseTape(tape: Tape): Tape {
  const names = new Map<string, string>();
  const text = replaceIds(JSON.stringify(withoutTimes(tape)), (id) => {
    const name = names.get(id) ?? idName(names.size + 1);
    names.set(id, name);
    return name;
  });
  return JSON.parse(text) as Tape;
}
