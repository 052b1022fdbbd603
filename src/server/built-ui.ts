import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { filesIn } from "./web-ui.ts";

/** Where the build puts it, seen from the package's folder. */
const BUILT = join("dist", "ui");

/**
 * The files of the package's own web UI, by the path under which each is served; null where it has not been built
 * (`npm run build:ui`). The package's folder is the nearest one above that has it, for the sources and for the bundles.
 */
export async function findBuiltUi(from = import.meta.dirname): Promise<ReadonlyMap<string, string> | null> {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const page = join(folder, BUILT, "index.html");
    const isThere = await access(page).then(
      () => true,
      () => false,
    );
    if (isThere) return new Map(await filesIn(dirname(page), ""));
  }
  return null;
}
