import type { TestProject } from "vitest/node";
import { startPostgres } from "./postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the PostgreSQL that a whole project's tests share; empty where there is none. */
    postgresUrl: string;
  }
}

/** One PostgreSQL for all tests of a project; printed where there is none. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres();
  project.provide("postgresUrl", postgres?.url ?? "");
  return async () => {
    await postgres?.stop();
  };
}
