import { expect, test } from "vitest";
import { formatValue, renderTable } from "./report.ts";

test("shows goal, figure, verdict, and by how much ours is better", () => {
  const own = {
    name: "offstage",
    measures: [
      { name: "8 at once: flows/s", value: 800, unit: "flows/s" as const },
      { name: "8 at once: flow p99", value: 30, unit: "ms" as const },
    ],
  };
  const real = {
    name: "Open WebUI",
    measures: [
      { name: "8 at once: flows/s", value: 16, unit: "flows/s" as const },
      { name: "8 at once: flow p99", value: 900, unit: "ms" as const },
    ],
  };
  expect(renderTable(own, [real]).split("\n").slice(1)).toEqual([
    expect.stringMatching(/^8 at once: flows\/s +≥ 700 flows\/s +800 flows\/s +reached +16 flows\/s +50×$/),
    expect.stringMatching(/^8 at once: flow p99 +≤ 25 ms +30 ms +half +900 ms +30×$/),
  ]);
});

test("writes a figure that could not be measured as a dash", () => {
  expect(formatValue(Number.NaN, "ms")).toBe("–");
  expect(formatValue(1.234, "ms")).toBe("1.23 ms");
});
