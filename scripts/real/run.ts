/**
 * `node scripts/real/run.ts [--if-cached] [VERSION…]`: installs real Open WebUIs from PyPI, once, and proves every
 * scenario on each. With `--if-cached`, versions that are not installed yet are skipped, unless OFFSTAGE_TEST_REAL is 1.
 * Ends with 1 if anything does not hold.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runScenario } from "../../test/real/run-scenario.ts";
import { SCENARIOS } from "../../test/real/scenarios.ts";
import { openRealStage } from "../../test/real/stage.ts";
import { cacheFolder, installOpenWebUi, isInstalled } from "./install.ts";
import { openWebUiCommand } from "./open-webui-command.ts";

const DEFAULT_VERSIONS = ["0.6.15", "0.12.4"];

// What dies with this process is killed by its handlers of `exit`, which signals alone would pass by.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values, positionals: named } = parseArgs({
  options: { "if-cached": { type: "boolean", default: false } },
  allowPositionals: true,
});
const cachedOnly = values["if-cached"] && process.env.OFFSTAGE_TEST_REAL !== "1";

for (const version of named.length > 0 ? named : DEFAULT_VERSIONS) {
  if (cachedOnly && !(await isInstalled(version))) {
    console.log(
      `skipped: Open WebUI ${version} is not in ${cacheFolder()}; OFFSTAGE_TEST_REAL=1 installs it`,
    );
    continue;
  }
  try {
    if (!(await proveVersion(version))) process.exitCode = 1;
  } catch (thrown) {
    console.error(`Open WebUI ${version} could not be tried: ${(thrown as Error).message}`);
    process.exitCode = 1;
  }
}

/** Runs all scenarios against one version, prints their table, and resolves with whether all hold. */
async function proveVersion(version: string): Promise<boolean> {
  console.error(`Open WebUI ${version}: installing it, unless it is there`);
  const python = await installOpenWebUi(version);
  const folder = await mkdtemp(join(tmpdir(), `offstage-real-${version}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const failures: string[] = [];
  try {
    const stage = await openRealStage((providerUrl) => openWebUiCommand(python, folder, providerUrl));
    // After the server's own handler, which ends who writes there.
    process.once("exit", remove);
    try {
      const profile = await stage.offstage.capabilities();
      console.log(`\nOpen WebUI ${profile.version}, path '${profile.path}'`);
      for (const name of Object.keys(SCENARIOS)) {
        const startedAtMs = performance.now();
        const problem = await runScenario(stage, name).then(
          () => null,
          (thrown: Error) => thrown,
        );
        const row = [
          problem === null ? "ok    " : "FAILED",
          `${Math.round(performance.now() - startedAtMs)} ms`.padStart(8),
          name.padEnd(66),
          stage.takeNotes(),
        ];
        console.log(row.join("  ").trimEnd());
        if (problem !== null) failures.push(`${name}\n${problem.stack ?? problem.message}`);
      }
    } finally {
      await stage.close();
    }
  } finally {
    remove();
  }
  for (const failure of failures) console.error(`\n${version}: ${failure}`);
  const count = Object.keys(SCENARIOS).length;
  console.log(`${version}: ${count - failures.length} of ${count} hold`);
  return failures.length === 0;
}
