/**
 * `node scripts/clients/run.ts [--if-cached] [--real VERSION] [--only TEXT] [--out FILE]`: installs other people's clients
 * from PyPI and npm, once, drives each on our server, and holds what they see against `test/clients/expected.ts`. With
 * `--if-cached`, clients that are not there are a skip, unless OFFSTAGE_TEST_CLIENTS is 1. With `--real`, they are driven on
 * a real Open WebUI of that version instead. With `--only`, the clients with that text in their names. `--out` names a
 * file for the outcomes as JSON. Ends with 1 if anything is not as expected; writes its totals to the file that
 * OFFSTAGE_TEST_CLIENTS_REPORT names.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Expectations } from "../../test/clients/expectation.ts";
import { EXPECTED } from "../../test/clients/expected.ts";
import { DRIVERS, LIVE_SCRIPTS } from "./drivers.ts";
import { clientsFolder, installClients, isInstalled } from "./install.ts";
import { type Outcomes, runDriver } from "./run-driver.ts";
import { openClientsStage } from "./stage.ts";

// What dies with this process is killed by its handlers of `exit`, which signals alone would pass by.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    "if-cached": { type: "boolean", default: false },
    real: { type: "string" },
    only: { type: "string", default: "" },
    out: { type: "string" },
  },
});
const totals = { passed: 0, failed: 0, skipped: 0 };
const report = process.env.OFFSTAGE_TEST_CLIENTS_REPORT;
process.once("exit", (code) => {
  // What ends this process in the middle is a failure too.
  if (code !== 0 && totals.failed === 0) totals.failed = 1;
  if (report !== undefined) writeFileSync(report, JSON.stringify(totals));
  if (totals.failed > 0) process.exitCode = 1;
});

if (values["if-cached"] && process.env.OFFSTAGE_TEST_CLIENTS !== "1" && !isInstalled()) {
  console.log(
    `skipped: other people's clients are not in ${clientsFolder()}; OFFSTAGE_TEST_CLIENTS=1 installs them`,
  );
  totals.skipped += 1;
} else {
  await driveAll();
}

async function driveAll(): Promise<void> {
  const clients = await installClients();
  const seen: Record<string, Outcomes> = {};
  const stage = await openClientsStage(values.real);
  try {
    for (const driver of DRIVERS.filter(({ client }) => client.includes(values.only))) {
      console.log(`\n${driver.client}`);
      if (driver.client === LIVE_SCRIPTS && !process.env.CHAT_CLIENT_CHECKOUT) {
        console.log("skipped: CHAT_CLIENT_CHECKOUT names no copy of its repository");
        totals.skipped += 1;
        continue;
      }
      const outcomes = await runDriver(driver, stage, clients);
      seen[driver.client] = outcomes;
      judge(EXPECTED[driver.client] ?? {}, outcomes);
    }
  } finally {
    await stage.close();
  }
  if (values.out) writeFileSync(values.out, `${JSON.stringify(seen, null, 2)}\n`);
  const { passed, failed } = totals;
  console.log(`\n${values.real ?? "offstage"}: ${passed} areas as expected, ${failed} not`);
}

/** Prints a row for each area of a client and counts those that are as expected. */
function judge(expected: Expectations, outcomes: Outcomes): void {
  const areas = new Set([...Object.keys(expected), ...Object.keys(outcomes)]);
  for (const area of areas) {
    const row = expected[area];
    const wanted = values.real ? row?.real : row?.here;
    const problem = outcomes[area];
    const got = problem === undefined ? "not tried" : problem === null ? "works" : "fails";
    if (got === wanted) totals.passed += 1;
    else totals.failed += 1;
    const mark = got === wanted ? "  " : "! ";
    const why = got === "fails" && got === wanted && row?.why ? row.why : (problem ?? "");
    const surprise = got === wanted ? "" : `(expected: ${wanted ?? "nothing"}) `;
    console.log(`${mark}${got.padEnd(9)}  ${area.padEnd(52)}  ${surprise}${oneLine(why)}`.trimEnd());
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 300);
}
