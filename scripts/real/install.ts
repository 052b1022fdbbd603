import { execFile } from "node:child_process";
import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { slimRequirements } from "./requirements.ts";

const INSTALL_TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const run = promisify(execFile);
const over = new AbortController();
process.once("exit", () => over.abort());

/** Where versions are kept: `OFFSTAGE_REAL_DIR`, else a cache folder of the user's. Never in the repository. */
export function cacheFolder(): string {
  return process.env.OFFSTAGE_REAL_DIR ?? join(homedir(), ".cache/offstage/open-webui");
}

/** Whether a version is there already, whole. */
export async function isInstalled(version: string): Promise<boolean> {
  return exists(join(cacheFolder(), version, "installed"));
}

/**
 * Installs a version from PyPI into a virtual environment of its own, unless it is there, and resolves with that
 * environment's Python. Rejects with what the installer said.
 */
export async function installOpenWebUi(version: string): Promise<string> {
  if (!/^\d+(\.\d+)+$/.test(version)) throw new Error(`'${version}' is no version; give one such as 0.12.4.`);
  const folder = join(cacheFolder(), version);
  const venv = join(folder, "venv");
  const python = join(venv, "bin/python");
  if (await isInstalled(version)) return python;
  await mkdir(folder, { recursive: true });
  if (!(await exists(python))) await install(process.env.PYTHON ?? "python3", "-m", "venv", venv);
  await install(python, "-m", "pip", "install", "-q", "uv");
  const uv = (...args: string[]) =>
    install(join(venv, "bin/uv"), "pip", "install", "-q", "--python", python, ...args);
  await uv("--no-deps", `open-webui==${version}`);
  const requirements = join(folder, "requirements.txt");
  await writeFile(requirements, slimRequirements(await wheelMetadata(venv)).join("\n"));
  await uv("-r", requirements);
  await writeFile(join(folder, "installed"), "");
  return python;
}

async function install(program: string, ...args: string[]): Promise<void> {
  await run(program, args, { timeout: INSTALL_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, signal: over.signal });
}

async function wheelMetadata(venv: string): Promise<string> {
  const [python] = await readdir(join(venv, "lib"));
  const packages = join(venv, "lib", python ?? "", "site-packages");
  const info = (await readdir(packages)).find((name) => /^open_webui-.*\.dist-info$/.test(name));
  if (info === undefined)
    throw new Error(`No Open WebUI stands in ${packages}; delete its folder and start again.`);
  return readFile(join(packages, info, "METADATA"), "utf8");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
