import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { runToEnd } from "./child-process.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** A build takes long where others keep the machine busy. */
const BUILD_TIMEOUT_MS = 5 * 60_000;

/**
 * Builds the package from its sources and lays it out as an installation would, in a folder of its own: no sources, the
 * same dependencies. Resolves with the folder.
 */
export async function layOutPackage(sourceRoot: string): Promise<string> {
  await runToEnd(["scripts/build.ts"], sourceRoot, BUILD_TIMEOUT_MS);
  const root = createTemporaryFolder();
  for (const name of ["bin", "dist", "package.json"]) {
    await cp(join(sourceRoot, name), join(root, name), { recursive: true });
  }
  await symlink(join(sourceRoot, "node_modules"), join(root, "node_modules"), "dir");
  return root;
}
