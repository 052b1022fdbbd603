/**
 * Runs a command beside a PostgreSQL of its own, which is gone afterwards; the command finds it by
 * `OFFSTAGE_TEST_POSTGRES_URL`: `node scripts/postgres.ts [--durable] npx vitest run test/contract`. The tests of the whole
 * server use it with `OFFSTAGE_TEST_DATABASE=postgres`, which is set, too.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startPostgres } from "../test/support/postgres.ts";

const args = process.argv.slice(2);
const durable = args[0] === "--durable";
const [command, ...rest] = durable ? args.slice(1) : args;
if (command === undefined) {
  process.stderr.write("usage: node scripts/postgres.ts [--durable] COMMAND [ARGUMENT…]\n");
  process.exit(2);
}
const postgres = await startPostgres({ durable });
if (postgres !== null) {
  const child = spawn(command, rest, {
    stdio: "inherit",
    env: {
      ...process.env,
      OFFSTAGE_TEST_POSTGRES_URL: postgres.url,
      OFFSTAGE_TEST_DATABASE: "postgres",
    },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  await postgres.stop();
  process.exitCode = code ?? 1;
}
