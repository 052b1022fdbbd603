/**
 * `node scripts/real/compare.ts [--only TEXT] [--all] [VERSION…]`: has the same looks taken at the web UI of a real Open
 * WebUI and at the same web UI on our server, side by side, and lists in what their exchanges differ: method, path, status
 * and the shape of the JSON. With `--all` also what is known and said in docs/contract.md. Ends with 1 if something is
 * not known, or a look fails on ours.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareExchanges } from "../../test/browser/compare-exchanges.ts";
import { ExchangeLog } from "../../test/browser/exchanges.ts";
import { whyKnown } from "../../test/browser/known-differences.ts";
import { PAGE_LOOKS } from "../../test/browser/page-looks.ts";
import { takeLook } from "../../test/browser/take-look.ts";
import { openVersion } from "./open-version.ts";

const DEFAULT_VERSIONS = ["0.6.15", "0.12.4"];

// What dies with this process is killed by its handlers of `exit`, which signals alone would pass by.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { values, positionals: named } = parseArgs({
  options: { only: { type: "string", default: "" }, all: { type: "boolean", default: false } },
  allowPositionals: true,
});
const out = await mkdtemp(join(tmpdir(), "offstage-compare-"));
console.log(`pictures: ${out}`);
for (const version of named.length > 0 ? named : DEFAULT_VERSIONS) {
  if (!(await compareVersion(version))) process.exitCode = 1;
}

async function compareVersion(version: string): Promise<boolean> {
  let isFine = true;
  const sides = await Promise.all([false, true].map((own) => openVersion({ version, own, out })));
  try {
    console.log(`\nOpen WebUI ${version}: the real server, and ours`);
    const logs = sides.map(({ context, baseUrl }) => new ExchangeLog(context, baseUrl));
    for (const [name, look] of Object.entries(PAGE_LOOKS)) {
      if (!name.includes(values.only)) continue;
      const problems = await Promise.all(sides.map((side) => takeLook(side, name, look)));
      for (const [index, problem] of problems.entries()) {
        if (problem === null) continue;
        console.log(`FAILED on ${index === 0 ? "the real server" : "ours"}: ${name}\n${problem.stack}`);
        // What goes wrong there is none of our business.
        if (index === 1) isFine = false;
      }
    }
    await Promise.all(logs.map((log) => log.settle()));
    const [real, own] = logs.map(({ kinds }) => kinds);
    const differences = compareExchanges(real!, own!).map((text) => ({ text, why: whyKnown(text) }));
    const unknown = differences.filter(({ why }) => why === undefined);
    console.log(
      `${real!.size} kinds of exchanges; ${differences.length} differences, ${unknown.length} not known`,
    );
    for (const { text, why } of values.all ? differences : unknown) {
      console.log(why === undefined ? `  NEW    ${text}` : `  known  ${text}\n         ${why}`);
    }
    return isFine && unknown.length === 0;
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}
