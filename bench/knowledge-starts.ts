import { connectApi } from "./api.ts";
import type { Measure } from "./report.ts";
import { startServer } from "./running-server.ts";
import { median } from "./statistics.ts";

/** Starts the server by turns on a folder with knowledge and on one without: to `/health` 200, medians. */
export async function measureKnowledgeStarts(
  place: { root: string; providerUrl: string },
  folders: { filled: string; empty: string },
  runs: number,
): Promise<Measure[]> {
  const times: { filled: number[]; empty: number[] } = { filled: [], empty: [] };
  for (let run = -1; run < runs; run++) {
    for (const name of ["filled", "empty"] as const) {
      const startedAtMs = performance.now();
      const server = await startServer({ ...place, dataDir: folders[name], owned: false });
      const api = connectApi({ baseUrl: server.url, token: "" }, 1);
      await api.call("GET", "/health");
      if (run >= 0) times[name].push(performance.now() - startedAtMs);
      await api.close();
      await server.stop();
    }
  }
  return [
    { name: "start with knowledge in the folder", value: median(times.filled), unit: "ms" },
    { name: "start without", value: median(times.empty), unit: "ms" },
  ];
}
