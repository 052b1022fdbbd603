import { expect, test } from "vitest";
import { completeConfig } from "../config.ts";
import { secretsOf } from "./journal-config.ts";

test.each([
  ["postgres://me:p%40ss@db.example:5432/offstage", "p@ss"],
  ["postgres://me:p%40ss@/offstage?host=/run/postgresql", "p@ss"],
  ["postgres://me@%2Frun%2Fpostgresql/offstage", ""],
  ["postgres:///offstage", ""],
])("the password of %s is a secret", (databaseUrl, password) => {
  expect(secretsOf(completeConfig({ dataDir: "data", databaseUrl }), "the folder's").at(-1)).toBe(password);
});
