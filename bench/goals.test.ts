import { expect, test } from "vitest";
import { judge } from "./goals.ts";

test.each([
  [{ atMost: 30 }, 30, "reached"],
  [{ atMost: 30 }, 60, "half"],
  [{ atMost: 30 }, 61, "missed"],
  [{ atLeast: 700 }, 700, "reached"],
  [{ atLeast: 700 }, 350, "half"],
  [{ atLeast: 700 }, 349, "missed"],
  [{ atMost: 0 }, 1, "missed"],
  [{ atMost: 5 }, Number.NaN, "missed"],
])("%o judges %d as %s", (goal, value, verdict) => expect(judge(goal, value)).toBe(verdict));
