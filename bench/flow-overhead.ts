/**
 * `node bench/flow-overhead.ts [--turns N] [VERSION…]`: what the flow costs beside the server's own calls and the pauses
 * that it was told to make: the time of each turn less the union of all its requests and pauses. On our own server, and
 * on the real Open WebUIs that are named (installed as `npm run test:real` does it). Goal: under 15 ms a turn.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { installOpenWebUi } from "../scripts/real/install.ts";
import { openWebUiCommand } from "../scripts/real/open-webui-command.ts";
import { createOffstage, type WaitMode } from "../src/index.ts";
import { freePort, type ServerCommand } from "../test/real/server-process.ts";
import { openRealStage } from "../test/real/stage.ts";
import { coveredMs, type Interval } from "./covered-time.ts";
import { percentilesOf } from "./statistics.ts";

const WAITS: readonly WaitMode[] = ["stream", "events", "poll"];
const GOAL_MS = 15;
const WARM_UP_TURNS = 5;
/** Of a turn; the flow sleeps towards it beside everything else, which is no pause. */
const TIMEOUT_MS = 60_000;
const BIN = join(import.meta.dirname, "../bin/offstage.js");

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values, positionals } = parseArgs({
  options: { turns: { type: "string", default: "50" } },
  allowPositionals: true,
});
const turns = Number(values.turns);
console.log("server      wait     turns   turn p50   overhead p50    p95    max   (ms)");
for (const version of ["offstage", ...positionals]) await measure(version);

async function measure(version: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "offstage-bench-"));
  const stage = await openRealStage(async (providerUrl) =>
    version === "offstage"
      ? ownCommand(folder, providerUrl)
      : openWebUiCommand(await installOpenWebUi(version), folder, providerUrl),
  );
  try {
    const { token } = await stage.offstage.client.session();
    for (const wait of WAITS) {
      const { turnMs, overheadMs } = await overheadOf(stage.offstage.client.baseUrl, token ?? "", wait);
      const { p50, p95, max } = percentilesOf(overheadMs);
      const figures = [percentilesOf(turnMs).p50, p50, p95, max].map((ms) => ms.toFixed(1));
      const [turn = "", ...overhead] = figures;
      console.log(
        `${version.padEnd(12)}${wait.padEnd(9)}${String(turns).padEnd(8)}${turn.padStart(8)}   ${overhead
          .map((text) => text.padStart(8))
          .join("")}   ${p50 <= GOAL_MS ? "reached" : "missed"}`,
      );
    }
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Of each turn in a chat that grows by it: its time, and that of which neither a request nor a pause ran. */
async function overheadOf(baseUrl: string, token: string, wait: WaitMode) {
  let intervals: Interval[] = [];
  const during = async <Value>(work: Promise<Value>): Promise<Value> => {
    const interval: Interval = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    intervals.push(interval);
    return work.finally(() => {
      interval.toMs = performance.now();
    });
  };
  const offstage = createOffstage({
    baseUrl,
    token,
    fetch: (input, init) => during(fetchWhole(input, init, during)),
    clock: {
      nowMs: () => Date.now(),
      sleep: (ms, signal) => {
        const slept = sleep(ms, undefined, signal ? { signal } : {});
        return ms === TIMEOUT_MS ? slept : during(slept);
      },
    },
  });
  const turnMs: number[] = [];
  const overheadMs: number[] = [];
  try {
    let chatId: string | undefined;
    for (let turn = -WARM_UP_TURNS; turn < turns; turn++) {
      // A new chat each tenth turn keeps histories as long as people's.
      if (turn % 10 === 0) chatId = undefined;
      intervals = [];
      const fromMs = performance.now();
      ({ chatId } = await offstage
        .ask({
          model: "gpt-4o",
          content: `turn ${turn}`,
          title: "Bench",
          chatId,
          wait,
          timeoutMs: TIMEOUT_MS,
        })
        .answer());
      const whole = { fromMs, toMs: performance.now() };
      if (turn < 0) continue;
      turnMs.push(whole.toMs - whole.fromMs);
      overheadMs.push(whole.toMs - whole.fromMs - coveredMs(whole, intervals));
    }
  } finally {
    await offstage.close();
  }
  return { turnMs, overheadMs };
}

/** A response whose body has come, or is counted until it has where it is a stream. */
async function fetchWhole(
  input: string | URL | Request,
  init: RequestInit | undefined,
  during: (work: Promise<void>) => Promise<void>,
): Promise<Response> {
  const response = await fetch(input, init);
  const { status, headers, body } = response;
  if (body === null) return response;
  if (!headers.get("content-type")?.startsWith("text/event-stream")) {
    return new Response(await response.arrayBuffer(), { status, headers });
  }
  const counted = new TransformStream<Uint8Array, Uint8Array>();
  // A reader that leaves early ends the count too.
  void during(body.pipeTo(counted.writable).catch(() => {}));
  return new Response(counted.readable, { status, headers });
}

async function ownCommand(folder: string, providerUrl: string): Promise<ServerCommand> {
  const port = await freePort();
  return {
    program: process.execPath,
    args: [BIN, "serve", "--port", String(port), "--data-dir", folder],
    env: { OPENAI_API_BASE_URLS: providerUrl, OPENAI_API_KEYS: "provider-key" },
    folder,
    url: `http://127.0.0.1:${port}`,
    startTimeoutMs: 30_000,
  };
}
