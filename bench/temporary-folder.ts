import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is removed when this process ends, however it ends (but by SIGKILL). */
export function createTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "offstage-bench-"));
  folders.push(folder);
  return folder;
}
