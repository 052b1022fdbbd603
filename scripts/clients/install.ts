import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { NODE_PACKAGES, PYTHON_PACKAGES } from "./packages.ts";

const INSTALL_TIMEOUT_MS = 300_000;
const run = promisify(execFile);
const over = new AbortController();
process.once("exit", () => over.abort());

/** An installed set of clients: the folder with their `node_modules`, and the Python that has the others. */
export interface InstalledClients {
  folder: string;
  python: string;
}

/** Where this set of clients is kept: under `OFFSTAGE_CLIENTS_DIR`, else a cache folder of the user's; never in the repository. */
export function clientsFolder(): string {
  const set = createHash("sha256").update([...PYTHON_PACKAGES, ...NODE_PACKAGES].join("\n"));
  const parent = process.env.OFFSTAGE_CLIENTS_DIR ?? join(homedir(), ".cache/offstage/clients");
  return join(parent, set.digest("hex").slice(0, 12));
}

/** Whether the set is there already, whole. */
export function isInstalled(): boolean {
  return existsSync(join(clientsFolder(), "installed"));
}

/** Installs the set from PyPI and npm unless it is there. Rejects with what an installer said. */
export async function installClients(): Promise<InstalledClients> {
  const folder = clientsFolder();
  const python = join(folder, "venv/bin/python");
  if (isInstalled()) return { folder, python };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await Promise.all([installPython(folder, python), installNode(folder)]);
  await writeFile(join(folder, "installed"), "");
  return { folder, python };
}

async function installPython(folder: string, python: string): Promise<void> {
  await install(process.env.PYTHON ?? "python3", "-m", "venv", join(folder, "venv"));
  await install(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", ...PYTHON_PACKAGES);
}

async function installNode(folder: string): Promise<void> {
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund"];
  await install("npm", "install", "--prefix", folder, ...quietly, ...NODE_PACKAGES);
}

async function install(program: string, ...args: string[]): Promise<void> {
  await run(program, args, { timeout: INSTALL_TIMEOUT_MS, signal: over.signal });
}
