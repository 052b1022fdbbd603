/** What a measurement is to reach, in its own unit. Half of it (twice the time, half the throughput) is the least. */
export type Goal = { atMost: number } | { atLeast: number };

export type Verdict = "reached" | "half" | "missed";

/** The goals of the project, by the measurement's name. */
export const GOALS = {
  "1 at once: flow p50": { atMost: 5 },
  "8 at once: flows/s": { atLeast: 700 },
  "8 at once: flow p99": { atMost: 25 },
  "32 at once: flows/s": { atLeast: 1_000 },
  "32 at once: flow p99": { atMost: 60 },
  "flows with errors": { atMost: 0 },
  "4000 tokens to 1 socket": { atMost: 30 },
  "4000 tokens to 3 sockets": { atMost: 40 },
  "4000 tokens: bytes to a socket over text": { atMost: 3 },
  "paced: first delta after the provider's": { atMost: 40 },
  "paced: largest gap between deltas": { atMost: 60 },
  "SSE of 1000 tokens: through minus direct": { atMost: 3 },
  "GET of 200 messages: p50": { atMost: 2 },
  "GET of 2000 messages: p50": { atMost: 15 },
  "start to /health 200": { atMost: 300 },
  "resident at start": { atMost: 100 },
  "resident after the bench": { atMost: 250 },
  "local model: through the server over its own loop": { atLeast: 95 },
  "import 'offstage' over an empty module": { atMost: 100 },
  "import 'offstage': native modules": { atMost: 0 },
} as const satisfies Record<string, Goal>;

export function goalOf(name: string): Goal | null {
  return (GOALS as Record<string, Goal>)[name] ?? null;
}

/** A goal of 0 at most has no half. */
export function judge(goal: Goal, value: number): Verdict {
  if ("atMost" in goal) {
    if (value <= goal.atMost) return "reached";
    return value <= goal.atMost * 2 ? "half" : "missed";
  }
  if (value >= goal.atLeast) return "reached";
  return value >= goal.atLeast / 2 ? "half" : "missed";
}
