import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const BUILT = join(import.meta.dirname, "../../dist/ui");
const BUDGET_BYTES = 90_000;

const IN_PAGE = /<(?:script|link)\b[^>]*\b(?:src|href)="\/([^"]+\.js)"/g;
/** Static imports only: what is loaded later is called by `import(…)`. */
const IN_SCRIPT = /(?:\bfrom|\bimport)\s*"(\.{1,2}\/[^"]+\.js)"/g;

const named = (content: string, pattern: RegExp) => [...content.matchAll(pattern)].map(([, name]) => name!);

/** Comes beside the first page, on every visit. */
const LIVE = /^live-.*\.js$/;

/** The scripts that a first look at any page loads, with what they weigh compressed. */
async function firstScripts(): Promise<Map<string, number>> {
  const page = await readFile(join(BUILT, "index.html"), "utf8");
  const live = (await readdir(join(BUILT, "assets"))).filter((name) => LIVE.test(name));
  const wanted = [...named(page, IN_PAGE), ...live.map((name) => `assets/${name}`)];
  const weights = new Map<string, number>();
  for (const name of wanted) {
    if (weights.has(name)) continue;
    const script = await readFile(join(BUILT, name), "utf8");
    weights.set(name, gzipSync(script).length);
    wanted.push(...named(script, IN_SCRIPT).map((path) => join(dirname(name), path)));
  }
  return weights;
}

test("the scripts of the first page stay under 90 KB, compressed", async () => {
  const scripts = await firstScripts();
  const bytes = [...scripts.values()].reduce((sum, weight) => sum + weight, 0);
  for (const part of [/^first\.js$/, /^assets\/stage-/, /^assets\/live-/])
    expect([...scripts.keys()]).toContainEqual(expect.stringMatching(part));
  expect(bytes, `${[...scripts].join(" + ")} bytes`).toBeLessThan(BUDGET_BYTES);
});
