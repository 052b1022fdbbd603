import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "offstage-lock-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

test("a folder has one lock, which can be taken again after its release", () => {
  const lock = lockFolder(folder);
  expect(lock).not.toBeNull();
  expect(lockFolder(folder)).toBeNull();
  lock?.release();
  const next = lockFolder(folder);
  expect(next).not.toBeNull();
  next?.release();
});

test("a process that is killed loses its lock", async () => {
  const script = `
    const { lockFolder } = await import(process.argv[1]);
    globalThis.lock = lockFolder(process.argv[2]);
    console.log(globalThis.lock === null ? "refused" : "locked");
    setInterval(() => {}, 60_000);`;
  const module = new URL("./folder-lock.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, module, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [said] = await once(child.stdout, "data");
  expect(String(said).trim()).toBe("locked");
  expect(lockFolder(folder)).toBeNull();
  child.kill("SIGKILL");
  await ended;
  const lock = lockFolder(folder);
  expect(lock).not.toBeNull();
  lock?.release();
});

test("a folder that is not there cannot be locked", () => {
  expect(() => lockFolder(join(folder, "missing"))).toThrow(/cannot be opened/);
});
