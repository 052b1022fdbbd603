/**
 * `node scripts/real/run.ts [--if-cached] [--record] [--only TEXT] [--minutes N] [VERSION…]`: installs real Open WebUIs
 * from PyPI, once, and proves every scenario on each, their conformance and their chats. With `--if-cached`, versions
 * that are not installed yet are skipped, unless OFFSTAGE_TEST_REAL is 1. With `--record`, `test/fixtures/real` is
 * written anew from what was seen. With `--only`, the scenarios with that text in their names are proved, and the chats
 * that they made. With `--minutes`, what has not begun by then is skipped. Ends with 1 if anything does not hold; writes
 * its totals to the file that OFFSTAGE_TEST_REAL_REPORT names.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { cacheFolder, isInstalled } from "./install.ts";
import { proveVersion } from "./prove-version.ts";

const DEFAULT_VERSIONS = ["0.6.15", "0.12.4"];

// What dies with this process is killed by its handlers of `exit`, which signals alone would pass by.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values, positionals: named } = parseArgs({
  options: {
    "if-cached": { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    only: { type: "string" },
    minutes: { type: "string" },
  },
  allowPositionals: true,
});
const cachedOnly = values["if-cached"] && process.env.OFFSTAGE_TEST_REAL !== "1";
const totals = { passed: 0, failed: 0, skipped: 0 };
const report = process.env.OFFSTAGE_TEST_REAL_REPORT;
process.once("exit", (code) => {
  // What ends this process in the middle is a failure too.
  if (code !== 0 && totals.failed === 0) totals.failed = 1;
  if (report !== undefined) writeFileSync(report, JSON.stringify(totals));
  if (totals.failed > 0) process.exitCode = 1;
});
if (values.record && values.only !== undefined) {
  throw new Error("A recording has all scenarios: give --record or --only.");
}
const endsAtMs = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;

for (const version of named.length > 0 ? named : DEFAULT_VERSIONS) {
  if (cachedOnly && !(await isInstalled(version))) {
    console.log(
      `skipped: Open WebUI ${version} is not in ${cacheFolder()}; OFFSTAGE_TEST_REAL=1 installs it`,
    );
    totals.skipped += 1;
    continue;
  }
  if (performance.now() > endsAtMs) {
    console.log(`skipped: Open WebUI ${version}, as ${values.minutes} minutes are over`);
    totals.skipped += 1;
    continue;
  }
  try {
    const { passed, failed, skipped } = await proveVersion(version, {
      record: values.record,
      only: values.only ?? "",
      endsAtMs,
    });
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  } catch (thrown) {
    console.error(`Open WebUI ${version} could not be tried: ${(thrown as Error).message}`);
    totals.failed += 1;
  }
}
