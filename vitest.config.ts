import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Where Debian puts it; `OFFSTAGE_TEST_POSTGRES_URL` names another. */
const isPostgresHere =
  process.env.OFFSTAGE_TEST_POSTGRES_URL !== undefined || existsSync("/usr/lib/postgresql/15/bin/postgres");
if (!isPostgresHere)
  process.stderr.write("skipped the tests of whole servers on PostgreSQL: there is none\n");

/** What decides on rows, tells of them and streams from them, once more with PostgreSQL under it. */
const onPostgres = {
  test: {
    name: "postgres",
    include: [
      "test/contract/{chat,completion,foreign,folders,knowledge,live,organising,parallel,tasks}*.test.ts",
      "test/tutorial/*.test.ts",
    ],
    globalSetup: ["test/support/postgres-setup.ts"],
    setupFiles: ["test/support/on-postgres.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "ui/src/**/*.test.ts", "bench/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "whole",
          include: ["test/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: true,
        },
      },
      ...(isPostgresHere ? [onPostgres] : []),
    ],
    reporters: process.env.OFFSTAGE_TEST_REPORT
      ? ["default", ["json", { outputFile: process.env.OFFSTAGE_TEST_REPORT }]]
      : ["default"],
  },
});
