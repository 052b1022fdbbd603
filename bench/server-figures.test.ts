import { expect, test } from "vitest";
import { createMetrics } from "../src/server/metrics/metrics.ts";
import { figuresIn } from "./server-figures.ts";

const TEXT = `# HELP depth What waits.
# TYPE depth gauge
depth{queue="database",state="waiting"} 3
depth{queue="http://127.0.0.1:1/v1 {x}",state="idle"} 4
depths 5
running 0
delay{quantile="0.99"} 1.5e-3
`;

test.each([
  ["depth", undefined, [3, 4]],
  ["depth", 'state="waiting"', [3]],
  ["running", undefined, [0]],
  ["delay", 'quantile="0.99"', [0.0015]],
  ["nothing", undefined, []],
])("%s with %s is %o", (name, label, values) => {
  expect(figuresIn(TEXT, name, label)).toEqual(values);
});

test("the server's own text has the names that are read", async () => {
  const metrics = createMetrics();
  metrics.read({
    answersRunning: () => 2,
    sockets: () => 7,
    depths: () => [{ queue: "database", state: "waiting", count: 1 }],
    ingestionBacklog: async () => 0,
  });
  const text = await metrics.text();
  metrics.close();
  expect(figuresIn(text, "offstage_answers_running")).toEqual([2]);
  expect(figuresIn(text, "offstage_sockets")).toEqual([7]);
  expect(figuresIn(text, "offstage_queue_depth", 'state="waiting"')).toEqual([1]);
  expect(figuresIn(text, "offstage_event_loop_delay_seconds", 'quantile="0.99"')).toHaveLength(1);
});
