import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a shell script left in its output folder, by file name. */
export type ScriptFiles = Record<string, string>;

/** The programs that scripts need and this machine lacks; prints the reason for the skip that follows. */
export function missingPrograms(...names: string[]): string[] {
  const missing = names.filter((name) => spawnSync(name, ["--version"]).error !== undefined);
  if (missing.length > 0) console.warn(`skipped: this machine has no ${missing.join(", ")}`);
  return missing;
}

/** Runs a bash script with an output folder as `OUT`. Rejects with its stderr if it fails. */
export async function runScript(file: string, env: Record<string, string>): Promise<ScriptFiles> {
  const out = await mkdtemp(join(tmpdir(), "offstage-script-"));
  try {
    const child = spawn("bash", [file], {
      env: { PATH: process.env.PATH, ...env, OUT: out },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (part) => {
      stderr += part;
    });
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const files: ScriptFiles = {};
    for (const name of await readdir(out)) files[name] = await readFile(join(out, name), "utf8");
    if (code !== 0)
      throw new Error(`${file} ended with ${code}: ${stderr}\nafter ${Object.keys(files).sort()}`);
    return files;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
