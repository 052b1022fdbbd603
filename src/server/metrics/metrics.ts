import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** How an answer went, as far as it is counted. */
export interface AnswerFigures {
  /** Whether it belongs to a chat. */
  kind: "saved" | "stateless";
  outcome: "finished" | "failed" | "stopped";
  /** From the request to the first text; null where none came. */
  firstTextMs: number | null;
  totalMs: number;
  promptTokens: number;
  answerTokens: number;
}

/** What is asked of the server's parts when the figures are read. */
export interface Readings {
  answersRunning(): number;
  sockets(): number;
  /** Queues and pools by name, each with how many are in which state. */
  depths(): { queue: string; state: string; count: number }[];
  /** Files that wait to be read and embedded. */
  ingestionBacklog(): Promise<number>;
}

/** The server's own figures, in Prometheus' text. */
export interface Metrics {
  /** `route` is a path of the table of routes, never one that somebody asked for. */
  requestEnded(method: string, route: string, status: number, ms: number): void;
  answerEnded(figures: AnswerFigures): void;
  providerFailed(provider: string, failure: string): void;
  /** A request was answered 429. */
  refused(): void;
  /** From now on the figures hold what these parts say, too. */
  read(readings: Readings): void;
  text(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

const LOOP_RESOLUTION_MS = 10;
const REQUEST_SEC = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ANSWER_SEC = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Counts in a registry of its own, so that several servers in a process do not mix. */
export function createMetrics(): Metrics {
  let readings: Readings | null = null;
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: "offstage_http_request_seconds",
    help: "From a request to the beginning of its answer.",
    labelNames: ["method", "route", "status"],
    buckets: REQUEST_SEC,
    registers,
  });
  const answers = new Counter({
    name: "offstage_answers_total",
    help: "Answers that have ended.",
    labelNames: ["kind", "outcome"],
    registers,
  });
  const firstText = new Histogram({
    name: "offstage_answer_first_text_seconds",
    help: "From an answer's beginning to its first text.",
    labelNames: ["kind"],
    buckets: ANSWER_SEC,
    registers,
  });
  const total = new Histogram({
    name: "offstage_answer_seconds",
    help: "From an answer's beginning to its end.",
    labelNames: ["kind"],
    buckets: ANSWER_SEC,
    registers,
  });
  const tokens = new Counter({
    name: "offstage_tokens_total",
    help: "Tokens as providers count them, of questions and of answers.",
    labelNames: ["part"],
    registers,
  });
  const failures = new Counter({
    name: "offstage_provider_failures_total",
    help: "Requests that a provider refused or that failed on the way.",
    labelNames: ["provider", "failure"],
    registers,
  });
  const refusals = new Counter({
    name: "offstage_refusals_total",
    help: "Requests that were over a limit, or whose provider said so.",
    registers,
  });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const running = gauge("offstage_answers_running", "Answers in the making.");
  const sockets = gauge("offstage_sockets", "Connected sockets.");
  const depth = gauge("offstage_queue_depth", "What waits or is in use, by queue or pool.", [
    "queue",
    "state",
  ]);
  const backlog = gauge("offstage_ingestion_backlog", "Files that wait to be read and embedded.");
  const delay = gauge("offstage_event_loop_delay_seconds", "Since the figures were read last.", ["quantile"]);
  const memory = gauge("process_resident_memory_bytes", "Memory of the process.");
  const cpu = gauge("process_cpu_seconds_total", "User and system time of the process.");
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();

  async function readParts(parts: Readings): Promise<void> {
    running.set(parts.answersRunning());
    sockets.set(parts.sockets());
    depth.reset();
    for (const { queue, state, count } of parts.depths()) depth.set({ queue, state }, count);
    backlog.set(await parts.ingestionBacklog());
  }

  function readProcess(): void {
    for (const quantile of [0.5, 0.99, 1]) {
      const ns = quantile === 1 ? loop.max : loop.percentile(quantile * 100);
      // What the timer itself waits is no delay.
      delay.set({ quantile: String(quantile) }, Math.max(0, ns / 1e9 - LOOP_RESOLUTION_MS / 1e3));
    }
    loop.reset();
    memory.set(process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    cpu.set((user + system) / 1e6);
  }

  return {
    requestEnded: (method, route, status, ms) => requests.observe({ method, route, status }, ms / 1000),
    answerEnded({ kind, outcome, firstTextMs, totalMs, promptTokens, answerTokens }) {
      answers.inc({ kind, outcome });
      if (firstTextMs !== null) firstText.observe({ kind }, firstTextMs / 1000);
      total.observe({ kind }, totalMs / 1000);
      tokens.inc({ part: "question" }, promptTokens);
      tokens.inc({ part: "answer" }, answerTokens);
    },
    providerFailed: (provider, failure) => failures.inc({ provider, failure }),
    refused: () => refusals.inc(),
    read(parts) {
      readings = parts;
    },
    async text() {
      if (readings) await readParts(readings);
      readProcess();
      return registry.metrics();
    },
    contentType: registry.contentType,
    close() {
      loop.disable();
      registry.clear();
    },
  };
}
