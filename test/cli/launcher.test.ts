import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";

const bin = resolve(import.meta.dirname, "../../bin");
const launcher = join(bin, "offstage.js");
const folder = mkdtempSync(join(tmpdir(), "offstage-launcher-"));

/** The machine's own Node where it is older than offstage needs, else null. npm's scripts put a newer one before it. */
function findOlderNode(): string | null {
  const found = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((part) => !part.includes("node_modules"))
    .map((part) => join(part, "node"))
    .find((path) => existsSync(path));
  if (found === undefined) return null;
  const [major] = execFileSync(found, ["--version"], { encoding: "utf8" }).slice(1).split(".").map(Number);
  return major! < 22 ? found : null;
}

const olderNode = findOlderNode();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(olderNode === null)("on a Node that is too old (skipped where the machine has none)", () => {
  const start = (script: string, ...args: string[]) =>
    spawn(olderNode!, [script, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

  test("the command runs under the newer Node beside the package, and its exit code is passed on", async () => {
    expect(execFileSync(olderNode!, [launcher, "--version"], { encoding: "utf8" })).toMatch(
      /^\d+\.\d+\.\d+\n$/,
    );
    const [code] = await once(start(launcher, "sing"), "close");
    expect(code).toBe(2);
  });

  test("a signal to it ends the command", async () => {
    const child = start(launcher, "serve", "--port", "0", "--data-dir", join(folder, "data"));
    const complaints = text(child.stderr);
    const [line] = await once(child.stdout, "data");
    expect(String(line)).toMatch(/^offstage listening on /);
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    expect({ code, complaints: await complaints }).toMatchObject({ code: 0 });
  });

  test("without a newer Node it names the remedy and exits 1", async () => {
    cpSync(bin, join(folder, "bin"), { recursive: true });
    const child = start(join(folder, "bin/offstage.js"), "--help");
    const [complaint] = await once(child.stderr, "data");
    expect(String(complaint)).toMatch(/needs Node 22\.18 or newer; this is Node \d+.*\n.*npm install node-/);
    expect(await once(child, "close")).toEqual([1, null]);
  });
});
