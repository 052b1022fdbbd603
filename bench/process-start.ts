import { request } from "undici";
import { residentMiB, runToEnd } from "./child-process.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { median } from "./statistics.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

/** Starts of the server, medians: from the process's start to `/health` 200. */
export interface ServerStarts {
  newFolderMs: number;
  existingFolderMs: number;
  /** Right after `/health` said 200 on an existing folder; null where it cannot be read. */
  residentMiB: number | null;
}

/** Starts the server `runs` times on a new folder and as often on one that it has used. */
export async function measureServerStarts(
  place: { root: string; providerUrl: string },
  runs: number,
): Promise<ServerStarts> {
  const news: number[] = [];
  const existings: number[] = [];
  const residents: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const dataDir = createTemporaryFolder();
    for (const times of [news, existings]) {
      const startedAtMs = performance.now();
      const server = await startServer({ ...place, dataDir, owned: false });
      await untilHealthy(server);
      times.push(performance.now() - startedAtMs);
      const resident = await residentMiB(server.pid);
      if (times === existings && resident !== null) residents.push(resident);
      await server.stop();
    }
  }
  return {
    newFolderMs: median(news),
    existingFolderMs: median(existings),
    residentMiB: residents.length === 0 ? null : median(residents),
  };
}

async function untilHealthy(server: RunningServer): Promise<void> {
  const { statusCode, body } = await request(`${server.url}/health`);
  await body.dump();
  if (statusCode !== 200)
    throw new Error(`/health answered ${statusCode} after the server said that it listens`);
}

/** What `import 'offstage'` costs over an empty module, as the median of whole processes; and what it must not load. */
export interface ImportCost {
  overEmptyMs: number;
  nativeModules: string[];
}

/** Measures in the folder `root` of a built package. */
export async function measureImport(root: string, runs: number): Promise<ImportCost> {
  const program = (text: string) => ["--input-type=module", "--eval", text];
  const time = async (text: string) => {
    const startedAtMs = performance.now();
    await runToEnd(program(text), root);
    return performance.now() - startedAtMs;
  };
  const empties: number[] = [];
  const imports: number[] = [];
  for (let run = -1; run < runs; run += 1) {
    const emptyMs = await time("");
    const importMs = await time("import 'offstage'");
    if (run < 0) continue;
    empties.push(emptyMs);
    imports.push(importMs);
  }
  const listNative = `import 'offstage';
process.report.excludeNetwork = true;
const loaded = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'));
process.stdout.write(JSON.stringify(loaded));`;
  const nativeModules = JSON.parse(await runToEnd(program(listNative), root)) as string[];
  return { overEmptyMs: median(imports) - median(empties), nativeModules };
}
