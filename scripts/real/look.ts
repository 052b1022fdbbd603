/**
 * `node scripts/real/look.ts [--own] [--out FOLDER] [--only TEXT]… [VERSION…]`: opens the web UI of real Open WebUIs in
 * Chromium, on chats that the flow made and while it makes them, proves what a person has to see there, and keeps pictures
 * of it. With `--own` the same web UIs run on our server. Ends with 1 if anything does not hold.
 */
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LOOKS } from "../../test/browser/looks.ts";
import { OWN_SERVER_LOOKS } from "../../test/browser/own-server-looks.ts";
import { PAGE_LOOKS } from "../../test/browser/page-looks.ts";
import { takeLook } from "../../test/browser/take-look.ts";
import { openVersion } from "./open-version.ts";

const DEFAULT_VERSIONS = ["0.6.15", "0.9.6", "0.12.4"];

// What dies with this process is killed by its handlers of `exit`, which signals alone would pass by.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values, positionals: named } = parseArgs({
  options: {
    own: { type: "boolean", default: false },
    out: { type: "string" },
    only: { type: "string", multiple: true, default: [""] },
  },
  allowPositionals: true,
});
const out = values.out ?? (await mkdtemp(join(tmpdir(), "offstage-look-")));
await mkdir(out, { recursive: true });
console.log(`pictures: ${out}`);

for (const version of named.length > 0 ? named : DEFAULT_VERSIONS) {
  try {
    if (!(await lookAt(version))) process.exitCode = 1;
  } catch (thrown) {
    console.error(`Open WebUI ${version} could not be looked at: ${(thrown as Error).message}`);
    process.exitCode = 1;
  }
}

/** Takes all looks at one version, prints their table, and resolves with whether all hold. */
async function lookAt(version: string): Promise<boolean> {
  const failures: string[] = [];
  const stage = await openVersion({ version, own: values.own, out });
  try {
    console.log(`\nOpen WebUI ${version}${values.own ? ", its web UI on our server" : ""}`);
    const looks = values.own ? { ...LOOKS, ...OWN_SERVER_LOOKS, ...PAGE_LOOKS } : LOOKS;
    for (const [name, look] of Object.entries(looks)) {
      if (!values.only.some((part) => name.includes(part))) continue;
      const startedAtMs = performance.now();
      const problem = await takeLook(stage, name, look);
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
  for (const failure of failures) console.error(`\n${version}: ${failure}`);
  return failures.length === 0;
}
