import { expect, it } from "vitest";
import { versionStanding } from "./versions.ts";

it.each([
  ["0.6.14", "older"],
  ["0.6.9", "older"],
  ["0.5.20", "older"],
  ["0.6.15", "known"],
  ["0.10.2", "known"],
  ["0.12.4", "known"],
  ["0.12.5", "newer"],
  ["0.13.0", "newer"],
  ["1.0.0", "newer"],
  ["0.0.0", "unknown"],
  ["0.5.0-acme", "unknown"],
  ["main", "unknown"],
  ["", "unknown"],
])("%s is %s", (version, standing) => {
  expect(versionStanding(version)).toBe(standing);
});
