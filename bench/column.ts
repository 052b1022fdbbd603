import { connectApi, type Target } from "./api.ts";
import { measureChatReads } from "./chat-reads.ts";
import { type FlowFigures, measureFlows, STEPS } from "./flows.ts";
import type { BenchOptions, Section } from "./options.ts";
import { type Column, type Measure, renderRows } from "./report.ts";
import { measurePacedStream, measurePassedStream, measureShownStream } from "./streams.ts";

/** How much is measured of one target. */
export interface Effort {
  sections: ReadonlySet<Section>;
  flows: number;
  warmUpFlows: number;
  rounds: number;
  /** Counted runs of each stream and warm-ups before them. */
  streamRuns: number;
  streamWarmUps: number;
  reads: number;
}

export interface TargetFigures extends Column {
  flows: FlowFigures[];
}

export const CONCURRENCIES = [1, 8, 32] as const;
const POLL_MS = 10;
const KIB = 1024;

export function ownEffort(options: BenchOptions): Effort {
  return {
    sections: options.sections,
    flows: options.flows,
    warmUpFlows: options.quick ? 100 : 500,
    rounds: options.rounds,
    streamRuns: options.quick ? 3 : 15,
    streamWarmUps: options.quick ? 2 : 10,
    reads: options.quick ? 30 : 200,
  };
}

/** A real Open WebUI does some 15 flows a second: a few, in one round. */
export function realEffort(options: BenchOptions): Effort {
  return {
    ...ownEffort(options),
    flows: options.realFlows,
    warmUpFlows: 10,
    rounds: 1,
    streamRuns: 3,
    streamWarmUps: 1,
    reads: 50,
  };
}

/** Measures what the sections ask of a running target; says what it is at by `progress`. */
export async function measureTarget(
  target: Target,
  provider: { url: string },
  effort: Effort,
  progress: (what: string) => void,
): Promise<TargetFigures> {
  const measures: Measure[] = [];
  const flows: FlowFigures[] = [];
  const { sections, streamRuns: runs, streamWarmUps: warmUps } = effort;
  if (sections.has("flows")) {
    for (const concurrency of CONCURRENCIES) {
      progress(`${target.name}: flows, ${concurrency} at once`);
      flows.push(await measureFlows(target, { ...effort, concurrency, pollMs: POLL_MS }));
    }
    measures.push(...flowMeasures(flows));
  }
  if (sections.has("streams")) {
    for (const tokens of [1_000, 4_000]) {
      for (const sockets of [0, 1, 3]) {
        progress(`${target.name}: ${tokens} tokens to ${sockets} sockets`);
        const shown = await measureShownStream(target, { tokens, sockets }, { runs, warmUps });
        const name = `${tokens} tokens to ${sockets} ${sockets === 1 ? "socket" : "sockets"}`;
        measures.push({ name, value: shown.doneMs, unit: "ms" });
        if (sockets !== 1) continue;
        const over = shown.bytesPerSocket / shown.textBytes;
        measures.push(
          { name: `${tokens} tokens: bytes to a socket`, value: shown.bytesPerSocket / KIB, unit: "KiB" },
          { name: `${tokens} tokens: bytes to a socket over text`, value: over, unit: "times" },
        );
      }
    }
    progress(`${target.name}: 1000 tokens at 5 ms each`);
    const paced = await measurePacedStream(target, provider, {
      tokens: 1_000,
      warmUps: 1,
      runs: Math.min(3, runs),
    });
    const passed = await measurePassedStream(target, provider, { tokens: 1_000, warmUps, runs: runs * 2 });
    measures.push(
      { name: "paced: first delta after the provider's", value: paced.firstDeltaAfterProviderMs, unit: "ms" },
      { name: "paced: largest gap between deltas", value: paced.largestGapMs, unit: "ms" },
      { name: "SSE of 1000 tokens: direct", value: passed.directMs, unit: "ms" },
      { name: "SSE of 1000 tokens: through", value: passed.throughMs, unit: "ms" },
      { name: "SSE of 1000 tokens: through minus direct", value: passed.minusMs, unit: "ms" },
    );
  }
  if (sections.has("chats")) {
    for (const messages of [200, 2_000]) {
      progress(`${target.name}: GET of a chat of ${messages} messages`);
      const { bytes, read } = await measureChatReads(target, { messages, reads: effort.reads });
      measures.push(
        { name: `GET of ${messages} messages: p50`, value: read.p50, unit: "ms" },
        { name: `GET of ${messages} messages: p99`, value: read.p99, unit: "ms" },
        { name: `GET of ${messages} messages: size`, value: bytes / KIB, unit: "KiB" },
      );
    }
  }
  return { name: target.name, measures, flows };
}

/** @throws Error if the target does not list its model */
export async function assertModel(target: Target): Promise<void> {
  const ids = (await listModels(target)).map(({ id }) => id);
  if (ids.includes(target.model)) return;
  throw new Error(`${target.name} lists ${ids.join(", ") || "no model"}, not ${target.model}`);
}

export async function listModels(target: Target): Promise<{ id: string; owned_by?: string }[]> {
  const api = connectApi(target, 1);
  try {
    const { data } = (await api.call("GET", "/api/models")) as { data: { id: string; owned_by?: string }[] };
    return data;
  } finally {
    await api.close();
  }
}

export function flowMeasures(flows: readonly FlowFigures[]): Measure[] {
  const sum = (count: (figures: FlowFigures) => number) =>
    flows.reduce((total, figures) => total + count(figures), 0);
  return [
    ...flows.flatMap(({ concurrency, flowsPerSecond, steps, pollsPerFlow, serverMsPerFlow }): Measure[] => [
      { name: `${concurrency} at once: flows/s`, value: flowsPerSecond, unit: "flows/s" },
      { name: `${concurrency} at once: flow p50`, value: steps.flow.p50, unit: "ms" },
      { name: `${concurrency} at once: flow p95`, value: steps.flow.p95, unit: "ms" },
      { name: `${concurrency} at once: flow p99`, value: steps.flow.p99, unit: "ms" },
      { name: `${concurrency} at once: polls a flow`, value: pollsPerFlow, unit: "polls" },
      {
        name: `${concurrency} at once: server's CPU a flow`,
        value: serverMsPerFlow ?? Number.NaN,
        unit: "ms",
      },
    ]),
    {
      name: "flows with errors",
      value: sum(({ errors }) => Object.values(errors).reduce((total, count) => total + count, 0)),
      unit: "flows",
    },
    { name: "flows with a late title", value: sum(({ lateTitles }) => lateTitles), unit: "flows" },
  ];
}

/** `p50 / p95 / p99` in ms of each step, a column for each number at once. */
export function renderSteps(figures: TargetFigures): string {
  const cell = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
  const rows = STEPS.map((step) => [
    step,
    ...figures.flows.map(
      ({ steps: { [step]: at } }) => `${cell(at.p50)} / ${cell(at.p95)} / ${cell(at.p99)}`,
    ),
  ]);
  const head = [
    `${figures.name}: p50 / p95 / p99 ms`,
    ...figures.flows.map(({ concurrency }) => `${concurrency} at once`),
  ];
  return renderRows([head, ...rows]);
}
