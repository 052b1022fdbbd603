import { type Goal, judge } from "./goals.ts";
import { formatValue, type Measure, renderRows } from "./report.ts";

/** What knowledge is to reach, by the measurement's name. 429 MiB are 450 MB. */
export const KNOWLEDGE_GOALS: Readonly<Record<string, Goal>> = {
  "ingestion: time in which the embedder works": { atLeast: 90 },
  "ingestion: longest block of the event loop": { atMost: 50 },
  "ingestion beside chats: longest block of the event loop": { atMost: 50 },
  "4 chats at once: flow p95 while ingesting over before": { atMost: 2 },
  "search in all: p95": { atMost: 40 },
  "search in a tenth: p95": { atMost: 40 },
  "search in one file: p95": { atMost: 40 },
  "nearest ten that are found": { atLeast: 99 },
  "resident: server and embedder": { atMost: 429 },
  "start with knowledge in the folder": { atMost: 200 },
};

/** A row for each figure, with its goal and whether it was reached. */
export function renderKnowledge(measures: readonly Measure[]): string {
  return renderRows([
    ["", "goal", "offstage", ""],
    ...measures.map(({ name, value, unit }) => {
      const goal = KNOWLEDGE_GOALS[name];
      if (goal === undefined) return [name, "", formatValue(value, unit), ""];
      const bound = "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
      return [name, `${bound} ${unit}`, formatValue(value, unit), judge(goal, value)];
    }),
  ]);
}
