import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const rows = readFileSync(join(root, "docs/security.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| **"));

test("there are threats, each with a test", () => {
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => !/`(test|src)\/[^`]+\.test\.ts`/.test(row))).toEqual([]);
});

test("every test that the list of threats names exists", () => {
  const named = rows.flatMap((row) => [...row.matchAll(/`((?:test|src)\/[^`]+)`/g)].map(([, file]) => file!));
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
