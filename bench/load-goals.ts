import { type Goal, judge } from "./goals.ts";
import type { KillFigures } from "./load-kill.ts";
import type { LevelFigures } from "./load-level.ts";
import { formatValue, type Measure, renderRows } from "./report.ts";

/** What the server is to hold under load, by the measurement's name. */
export const LOAD_GOALS: Readonly<Record<string, Goal>> = {
  "flows with errors": { atMost: 0 },
  "resident: last third over the second": { atMost: 1.1 },
  "ends of answers that a socket missed": { atMost: 0 },
  "sockets lost": { atMost: 0 },
  "left: answers running": { atMost: 0 },
  "left: sockets": { atMost: 0 },
  "left: waiting": { atMost: 0 },
  "left: open files": { atMost: 0 },
  "acknowledged and lost": { atMost: 0 },
  "chats too few or too many": { atMost: 0 },
  "answers neither ended nor marked": { atMost: 0 },
  "journals without a message": { atMost: 0 },
  "damage that the database finds": { atMost: 0 },
};

export function levelMeasures({ flows, finished, ...level }: LevelFigures): Measure[] {
  const { flow } = flows.steps;
  const resident = level.samples.map(({ residentMiB }) => residentMiB);
  return [
    { name: "flows", value: finished, unit: "flows" },
    { name: "flows with errors", value: sum(Object.values(flows.errors)), unit: "flows" },
    { name: "flows/s", value: flows.flowsPerSecond, unit: "flows/s" },
    { name: "flow p50", value: flow.p50, unit: "ms" },
    { name: "flow p95", value: flow.p95, unit: "ms" },
    { name: "flow p99", value: flow.p99, unit: "ms" },
    { name: "flow, longest", value: flow.max, unit: "ms" },
    { name: "server's CPU a flow", value: flows.serverMsPerFlow ?? Number.NaN, unit: "ms" },
    { name: "event loop delay p50", value: level.loopDelayMs.p50, unit: "ms" },
    { name: "event loop delay p99", value: level.loopDelayMs.p99, unit: "ms" },
    { name: "event loop delay, longest", value: level.loopDelayMs.max, unit: "ms" },
    { name: "resident, most", value: Math.max(...resident), unit: "MiB" },
    { name: "resident afterwards", value: level.residentAfterMiB, unit: "MiB" },
    { name: "resident: growth a minute after warm-up", value: level.resident.perMinute, unit: "MiB" },
    { name: "resident: last third over the second", value: level.resident.lastOverSecond, unit: "times" },
    { name: "events to sockets", value: level.heard.events, unit: "count" },
    { name: "sockets that left and came back", value: level.heard.returned, unit: "count" },
    { name: "sockets lost", value: level.heard.errors.length, unit: "count" },
    { name: "ends of answers that a socket missed", value: level.unheardEnds, unit: "count" },
    { name: "left: answers running", value: level.left.answersRunning, unit: "count" },
    { name: "left: sockets", value: level.left.sockets, unit: "count" },
    { name: "left: waiting", value: level.left.waiting, unit: "count" },
    { name: "left: open files", value: Math.max(0, level.left.openFiles), unit: "count" },
  ];
}

export function killMeasures(kill: KillFigures): Measure[] {
  const { least, most, found } = kill.chats;
  return [
    { name: "turns that were acknowledged", value: sum(Object.values(kill.turns)), unit: "count" },
    { name: "answers that are whole", value: kill.turns.whole, unit: "count" },
    { name: "answers that are marked as interrupted", value: kill.turns.interrupted, unit: "count" },
    { name: "acknowledged and lost", value: sum(Object.values(kill.lost)), unit: "count" },
    { name: "chats too few or too many", value: Math.max(0, least - found, found - most), unit: "count" },
    { name: "answers neither ended nor marked", value: kill.unmarked, unit: "count" },
    { name: "journals without a message", value: kill.strayJournals, unit: "count" },
    { name: "damage that the database finds", value: kill.damage.length, unit: "count" },
    { name: "flows with errors", value: sum(Object.values(kill.errors)), unit: "flows" },
    { name: "start after the kill", value: kill.restartMs, unit: "ms" },
  ];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A row for each figure with its goal, and a column with a verdict for each of `columns`, which have the same figures. */
export function renderLoad(title: string, columns: readonly { name: string; measures: Measure[] }[]): string {
  const rows = (columns[0]?.measures ?? []).map(({ name, unit }, index) => {
    const goal = LOAD_GOALS[name];
    const bound = goal && "atMost" in goal ? `≤ ${formatValue(goal.atMost, unit)}` : "";
    const cells = columns.flatMap(({ measures }) => {
      const { value } = measures[index]!;
      return [formatValue(value, unit), goal === undefined ? "" : judge(goal, value)];
    });
    return [name, bound, ...cells];
  });
  return renderRows([[title, "goal", ...columns.flatMap(({ name }) => [name, ""])], ...rows]);
}

/** Whether every figure that has a goal reached it. */
export function isReached(measures: readonly Measure[]): boolean {
  return measures.every(({ name, value }) => {
    const goal = LOAD_GOALS[name];
    return goal === undefined || judge(goal, value) === "reached";
  });
}
