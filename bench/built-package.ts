import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "./child-process.ts";

/** The package as people install it, in a folder of its own. */
export interface BuiltPackage {
  root: string;
  remove(): Promise<void>;
}

/** Builds the package from its sources and lays it out as an installation would: no sources, the same dependencies. */
export async function layOutPackage(sourceRoot: string): Promise<BuiltPackage> {
  await runToEnd(["scripts/build.ts"], sourceRoot);
  const root = await mkdtemp(join(tmpdir(), "offstage-package-"));
  for (const name of ["bin", "dist", "package.json"]) {
    await cp(join(sourceRoot, name), join(root, name), { recursive: true });
  }
  await symlink(join(sourceRoot, "node_modules"), join(root, "node_modules"), "dir");
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
