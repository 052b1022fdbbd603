import type { Target } from "./api.ts";
import { measureFlows } from "./flows.ts";
import { median } from "./statistics.ts";

/** Flows of chats without documents; medians over rounds of 200. */
export interface ChatFigures {
  rounds: number;
  p50Ms: number;
  p95Ms: number;
  errors: number;
}

const PLAN = { concurrency: 4, flows: 200, rounds: 1, pollMs: 10 };

/** Drives rounds until the time is over or `isOver` says so; a round during which it was over does not count. */
export async function driveChats(
  target: Target,
  until: { forMs: number; isOver?: () => boolean },
): Promise<ChatFigures> {
  const { forMs, isOver = () => false } = until;
  const p50s: number[] = [];
  const p95s: number[] = [];
  let errors = 0;
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs && !isOver()) {
    const figures = await measureFlows(target, { ...PLAN, warmUpFlows: 0 });
    if (isOver()) break;
    p50s.push(figures.steps.flow.p50);
    p95s.push(figures.steps.flow.p95);
    for (const count of Object.values(figures.errors)) errors += count;
  }
  return { rounds: p50s.length, p50Ms: median(p50s), p95Ms: median(p95s), errors };
}
