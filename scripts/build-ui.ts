import { createHash } from "node:crypto";
import { glob, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vite";

/*
 * Builds the web UI into dist/ui. With --if-stale only where its sources, or the contract that it reads live events by,
 * have changed since.
 */

const root = resolve(import.meta.dirname, "..");
const STAMP = join(root, "dist", ".ui-sources");
const SOURCES = ["ui/{index.html,package.json,vite.config.ts}", "ui/{src,public}/**/*", "src/contract/*.ts"];

/** A name for all that the build is made of. */
async function sourcesHash(): Promise<string> {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const entry of glob(SOURCES, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  for (const file of files.sort()) hash.update(file.slice(root.length)).update(await readFile(file));
  return hash.digest("hex");
}

const { values } = parseArgs({ options: { "if-stale": { type: "boolean", default: false } } });
const hash = await sourcesHash();
const built = await readFile(STAMP, "utf8").catch(() => null);
if (!values["if-stale"] || built !== hash) {
  await build({ configFile: join(root, "ui", "vite.config.ts"), logLevel: "warn" });
  await writeFile(STAMP, hash);
}
