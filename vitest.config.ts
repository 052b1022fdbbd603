import { defineConfig } from "vitest/config";

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
    ],
    reporters: process.env.OFFSTAGE_TEST_REPORT
      ? ["default", ["json", { outputFile: process.env.OFFSTAGE_TEST_REPORT }]]
      : ["default"],
  },
});
