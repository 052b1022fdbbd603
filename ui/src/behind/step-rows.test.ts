import { describe, expect, it } from "vitest";
import { type ServerStep, type StepName, TUTORIAL_STEP } from "../../../src/contract/journal.ts";
import { runAttempts, stepRows } from "./step-rows.ts";

const stepAt = (step: StepName, at_ms: number, more: Partial<ServerStep> = {}): ServerStep => ({
  step,
  tutorial_step: TUTORIAL_STEP[step],
  at_ms,
  ...more,
});

describe("the rows of a turn", () => {
  it("are always seven, with what was seen in the order of time", () => {
    const steps = [
      stepAt("fetched", 900),
      stepAt("answer_stored", 700),
      stepAt("first_token", 500),
      stepAt("chat_created", 100),
    ];
    const rows = stepRows({ steps, began_at_ms: 300 });
    expect(
      rows.map(({ number, seen }) => [number, seen.map(({ step, sinceMs }) => [step, sinceMs])]),
    ).toEqual([
      [1, [["chat_created", 0]]],
      [2, []],
      [3, []],
      [4, []],
      [
        5,
        [
          ["first_token", 400],
          ["answer_stored", 600],
        ],
      ],
      [6, []],
      [7, [["fetched", 800]]],
    ]);
  });

  it("are there before anything was seen", () => {
    expect(stepRows({ steps: [], began_at_ms: 5 }).every(({ seen }) => seen.length === 0)).toBe(true);
  });
});

it("the attempts of a run are the highest that was seen of each step", () => {
  const run_id = "r";
  const steps = [
    stepAt("chat_created", 1, { run_id, attempt: 2 }),
    stepAt("completion_received", 2, { run_id, attempt: 1 }),
    stepAt("completion_received", 3, { run_id, attempt: 3 }),
    stepAt("completed", 4),
  ];
  expect(runAttempts(steps)).toEqual([
    { step: "chat_created", attempt: 2 },
    { step: "completion_received", attempt: 3 },
  ]);
});
