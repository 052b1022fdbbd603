import { type Goal, goalOf, judge } from "./goals.ts";

/** One figure: what was measured, on which target, in which unit. */
export interface Measure {
  name: string;
  value: number;
  unit:
    | "ms"
    | "flows/s"
    | "flows"
    | "MiB"
    | "KiB"
    | "times"
    | "%"
    | "tokens/s"
    | "polls"
    | "modules"
    | "count";
}

/** The figures of one target. */
export interface Column {
  name: string;
  measures: Measure[];
}

/**
 * The table of a run: a row for each figure of our own server with its goal and whether it was reached; then, for each
 * other column, its figure, and how many times ours is better (above 1) or worse.
 */
export function renderTable(own: Column, others: readonly Column[]): string {
  const rows: string[][] = [
    ["", "goal", own.name, "", ...others.flatMap((column) => [column.name, `${own.name} is better by`])],
  ];
  for (const measure of own.measures) {
    const goal = goalOf(measure.name);
    const cells = [
      measure.name,
      goal === null ? "" : formatGoal(goal, measure.unit),
      formatValue(measure.value, measure.unit),
      goal === null ? "" : judge(goal, measure.value),
    ];
    for (const column of others) {
      const other = column.measures.find(({ name }) => name === measure.name);
      if (other === undefined) cells.push("", "");
      else cells.push(formatValue(other.value, other.unit), formatRatio(measure, other));
    }
    rows.push(cells);
  }
  return renderRows(rows);
}

/** Cells in columns, the first aligned to the left. */
export function renderRows(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[index]!)))
      .join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

const MORE_IS_BETTER: ReadonlySet<Measure["unit"]> = new Set(["flows/s", "tokens/s", "%"]);

function formatRatio(own: Measure, other: Measure): string {
  if (own.unit === "flows" || own.unit === "polls" || own.unit === "modules") return "";
  const ratio = MORE_IS_BETTER.has(own.unit) ? own.value / other.value : other.value / own.value;
  return Number.isFinite(ratio) ? `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}×` : "";
}

function formatGoal(goal: Goal, unit: Measure["unit"]): string {
  return "atMost" in goal ? `≤ ${formatValue(goal.atMost, unit)}` : `≥ ${formatValue(goal.atLeast, unit)}`;
}

export function formatValue(value: number, unit: Measure["unit"]): string {
  if (Number.isNaN(value)) return "–";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}
