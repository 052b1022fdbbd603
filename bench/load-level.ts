import { setInterval as every, setTimeout as sleep } from "node:timers/promises";
import { connectApi, type Target } from "./api.ts";
import { residentMiB } from "./child-process.ts";
import { driveFlows, type FlowFigures, type Lane, summarise } from "./flows.ts";
import { type Heard, type Listeners, openListeners } from "./load-listeners.ts";
import { openFiles, readServerFigures, type ServerFigures } from "./server-figures.ts";
import { median } from "./statistics.ts";
import { type Steadiness, steadinessOf } from "./steadiness.ts";

/** How the server was at a moment of a level. */
export interface LoadSample extends ServerFigures {
  minute: number;
  residentMiB: number;
}

/** One number of flows at once, driven for a time beside open sockets. */
export interface LevelFigures {
  flows: FlowFigures;
  finished: number;
  samples: LoadSample[];
  resident: Steadiness;
  /** Of the samples: the median of p50 and of p99, and the longest of all. */
  loopDelayMs: ServerFigures["loopDelayMs"];
  heard: Heard;
  /** Ends of answers that a socket which was there all the time did not hear. */
  unheardEnds: number;
  /** After the last flow and socket: what is still there. */
  left: ServerFigures & { openFiles: number };
  residentAfterMiB: number;
}

export interface LevelPlan {
  concurrency: number;
  durationMs: number;
  mostFlows: number;
  sockets: number;
  /** What was open before any load, less pooled connections. */
  openFilesBefore: number;
}

const POLL_MS = 10;
const SAMPLE_MS = 10_000;
/** Samples of a level at least, where it is short. */
const LEAST_SAMPLES = 9;
const SETTLE_MS = 15_000;

export async function measureLevel(users: readonly Target[], plan: LevelPlan): Promise<LevelFigures> {
  const server = { url: users[0]!.baseUrl, pid: users[0]!.pid! };
  const leaving = Math.floor(plan.sockets / 5);
  const staying = plan.sockets - leaving;
  const listeners = await openListeners({ users: [...users], staying, leaving });
  const lanes = openLanes(users, plan.concurrency);
  const finished = new Map<Lane, number>(lanes.map((lane) => [lane, 0]));
  const ended = new AbortController();
  const sampling = takeSamples(server, plan.durationMs, ended.signal);
  const round = await driveFlows(lanes, {
    concurrency: plan.concurrency,
    pollMs: POLL_MS,
    flows: plan.mostFlows,
    untilMs: performance.now() + plan.durationMs,
    acknowledged(step, _turn, lane) {
      if (step === "7 fetch") finished.set(lane, finished.get(lane)! + 1);
    },
  });
  ended.abort();
  const samples = await sampling;
  await Promise.all(lanes.map(({ api }) => api.close()));
  const ends = [...finished.values()];
  const { heard, unheardEnds } = await heardAtLast(listeners, ends);
  await listeners.close();
  const left = await settled(server, plan.openFilesBefore);
  return {
    flows: summarise([round], { concurrency: plan.concurrency, flows: round.samples.flow.length, rounds: 1 }),
    finished: ends.reduce((sum, count) => sum + count, 0),
    samples,
    resident: steadinessOf(samples.map(({ minute, residentMiB }) => ({ minute, value: residentMiB }))),
    loopDelayMs: {
      p50: median(samples.map(({ loopDelayMs }) => loopDelayMs.p50)),
      p99: median(samples.map(({ loopDelayMs }) => loopDelayMs.p99)),
      max: Math.max(...samples.map(({ loopDelayMs }) => loopDelayMs.max)),
    },
    heard,
    unheardEnds,
    left,
    residentAfterMiB: (await residentMiB(server.pid)) ?? Number.NaN,
  };
}

/** A lane for each user, with as many connections as workers come to it. */
export function openLanes(users: readonly Target[], concurrency: number): Lane[] {
  const connections = Math.ceil(concurrency / users.length);
  return users.map((target) => ({ target, api: connectApi(target, connections) }));
}

async function takeSamples(
  server: { url: string; pid: number },
  durationMs: number,
  signal: AbortSignal,
): Promise<LoadSample[]> {
  const samples: LoadSample[] = [];
  const beganAtMs = performance.now();
  await readServerFigures(server.url);
  try {
    for await (const _ of every(Math.min(SAMPLE_MS, durationMs / LEAST_SAMPLES), undefined, { signal })) {
      const figures = await readServerFigures(server.url);
      const resident = (await residentMiB(server.pid)) ?? Number.NaN;
      samples.push({ minute: (performance.now() - beganAtMs) / 60_000, residentMiB: resident, ...figures });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return samples;
}

/** Waits until the sockets that stay have heard the end of each of their user's answers, or nothing more may come. */
async function heardAtLast(listeners: Listeners, ends: readonly number[]) {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const heard = await listeners.heard();
    let unheardEnds = 0;
    for (const [index, count] of heard.ends.entries())
      unheardEnds += Math.max(0, ends[index % ends.length]! - count);
    if (unheardEnds === 0 || performance.now() > deadlineMs) return { heard, unheardEnds };
    await sleep(100);
  }
}

/** Files that a process has open, less its pooled connections; NaN where that is not to be known. */
export async function openFilesBut(pid: number, { pooled }: ServerFigures): Promise<number> {
  return ((await openFiles(pid)) ?? Number.NaN) - pooled;
}

/** Waits until nothing runs, waits or is connected any more, and as many files are open as before; or for so long. */
async function settled(server: { url: string; pid: number }, openFilesBefore: number) {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const figures = await readServerFigures(server.url);
    const left = { ...figures, openFiles: (await openFilesBut(server.pid, figures)) - openFilesBefore };
    const isQuiet = left.answersRunning + left.sockets + left.waiting === 0 && left.openFiles <= 0;
    if (isQuiet || performance.now() > deadlineMs) return left;
    await sleep(500);
  }
}
