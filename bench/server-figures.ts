import { readdir } from "node:fs/promises";
import { request } from "undici";

/** What a server's `/metrics` says of it now. */
export interface ServerFigures {
  answersRunning: number;
  sockets: number;
  /** All that waits, in any queue or pool. */
  waiting: number;
  /** Connections to providers and the database that pools hold for the next use. */
  pooled: number;
  /** Of the event loop, since `/metrics` was read last. */
  loopDelayMs: { p50: number; p99: number; max: number };
}

/** @throws Error where `/metrics` is not to be read */
export async function readServerFigures(baseUrl: string): Promise<ServerFigures> {
  const { statusCode, body } = await request(`${baseUrl}/metrics`);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`/metrics: HTTP ${statusCode} ${text.slice(0, 200)}`);
  const sum = (name: string, label?: string) =>
    figuresIn(text, name, label).reduce((total, value) => total + value, 0);
  const delayMs = (quantile: string) =>
    sum("offstage_event_loop_delay_seconds", `quantile="${quantile}"`) * 1000;
  return {
    answersRunning: sum("offstage_answers_running"),
    sockets: sum("offstage_sockets"),
    waiting: sum("offstage_queue_depth", 'state="waiting"'),
    pooled: sum("offstage_queue_depth", 'state="connected"'),
    loopDelayMs: { p50: delayMs("0.5"), p99: delayMs("0.99"), max: delayMs("1") },
  };
}

/** The values of the figure `name` in Prometheus' text, of those of its lines that have `label`. */
export function figuresIn(text: string, name: string, label = ""): number[] {
  const values: number[] = [];
  for (const line of text.split("\n")) {
    const [series, value] = line.split(/ (?=\S+$)/);
    const [found, labels = ""] = series!.split("{");
    if (found === name && labels.includes(label)) values.push(Number(value));
  }
  return values;
}

/** Files, sockets and pipes that a process has open; null where the system has no /proc. */
export async function openFiles(pid: number): Promise<number | null> {
  if (process.platform !== "linux") return null;
  return (await readdir(`/proc/${pid}/fd`)).length;
}
