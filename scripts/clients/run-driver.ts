import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Driver } from "./drivers.ts";
import type { InstalledClients } from "./install.ts";
import type { ClientsStage } from "./stage.ts";

const DRIVER_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const FROM_CACHE = join(import.meta.dirname, "../../test/clients/from-cache.ts");
/** Not an area: how the program itself ended. */
export const PROGRAM_END = "(the program)";

/** Area → what is wrong with it; null where it works. */
export type Outcomes = Record<string, string | null>;

/** Runs a client's program on a server and resolves with what it saw, by area. */
export async function runDriver(
  driver: Driver,
  stage: ClientsStage,
  { folder, python }: InstalledClients,
): Promise<Outcomes> {
  const isPython = driver.program.endsWith(".py");
  const program = isPython ? python : process.execPath;
  const args = isPython ? [driver.program] : ["--import", FROM_CACHE, driver.program];
  const env = {
    PATH: `${join(folder, "venv/bin")}:${process.env.PATH}`,
    HOME: stage.env.WORK_FOLDER,
    PYTHONDONTWRITEBYTECODE: "1",
    CLIENTS_FOLDER: folder,
    CHAT_CLIENT_CHECKOUT: process.env.CHAT_CLIENT_CHECKOUT,
    BASE_URL: stage.url + driver.basePath,
    ...stage.env,
  };
  const limits = { timeout: DRIVER_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: stage.env.WORK_FOLDER, ...limits }, (error, stdout, stderr) => {
      const outcomes = readOutcomes(stdout);

      if (error) outcomes[PROGRAM_END] = `${error.message}\n${stderr.slice(-2_000)}`;
      resolve(outcomes);
    });
  });
}

/** The outcomes among what a program printed; clients may print what they like besides. */
function readOutcomes(stdout: string): Outcomes {
  const lines = stdout.split("\n").filter((line) => line.startsWith('{"area":'));
  return Object.fromEntries(
    lines.map((line) => {
      const { area, problem } = JSON.parse(line) as { area: string; problem: string | null };
      return [area, problem];
    }),
  );
}
