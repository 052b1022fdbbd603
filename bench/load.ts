/** The server under load, and killed in the midst of it: `npm run bench:load`. What is to hold: `load-goals.ts`. */
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import type { Target } from "./api.ts";
import { layOutPackage } from "./built-package.ts";
import { startChild } from "./child-process.ts";
import { assertModel } from "./column.ts";
import { driveFlows } from "./flows.ts";
import { keepResult } from "./keep-result.ts";
import { type LoadDatabase, openPostgres, openSqliteFolder } from "./load-database.ts";
import { isReached, killMeasures, levelMeasures, renderLoad } from "./load-goals.ts";
import { type KillFigures, killInTheMiddle } from "./load-kill.ts";
import { type LevelFigures, measureLevel, openFilesBut, openLanes } from "./load-level.ts";
import { LOAD_USAGE, type LoadOptions, parseLoadOptions } from "./load-options.ts";
import { makeUsers } from "./load-users.ts";
import { startServer } from "./running-server.ts";
import { readServerFigures } from "./server-figures.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "..");
const MODEL = "gpt-4o";
const MIB = 1024 * 1024;
/** Beyond the levels themselves: the build, users, the kill, and the search for what was acknowledged. */
const ASIDE_MS = 8 * 60_000;

/** Limits that count and never refuse. */
const ANY_NUMBER = JSON.stringify({
  requests_per_minute: 1e9,
  answers_at_once: 1e6,
  answers_per_day: 1e9,
  tokens_per_day: 1e12,
});
const EVERYTHING_ON = {
  OFFSTAGE_LOG: "warn",
  OFFSTAGE_METRICS: "loopback",
  OFFSTAGE_USER_QUOTA: ANY_NUMBER,
  OFFSTAGE_KEY_QUOTA: ANY_NUMBER,
  OFFSTAGE_ADDRESS_REQUESTS_PER_MINUTE: "999999999",
  OFFSTAGE_MAX_CHATS_PER_USER: "999999999",
};

const progress = (what: string) => void process.stderr.write(`${what}\n`);

/** Resolves with whether all goals were reached; null where there is no database to run on. */
async function bench(options: LoadOptions): Promise<boolean | null> {
  const startedAt = new Date();
  const loadAtStart = loadavg()[0]!;
  const dataDir = createTemporaryFolder();
  const database = options.postgres ? await openPostgres() : openSqliteFolder(dataDir);
  if (database === null) return null;
  const provider = await startChild(["test/support/provider.ts"], "provider listening on ", { cwd: ROOT });
  if (options.packageRoot === null) progress("building the package");
  const start = {
    root: options.packageRoot ?? (await layOutPackage(ROOT)),
    providerUrl: provider.url,
    dataDir,
    nodeOptions: options.nodeOptions,
    env: { ...EVERYTHING_ON, ...database.env },
  };
  let server = await startServer(start);
  const admin: Target = {
    name: "offstage",
    baseUrl: server.url,
    token: await server.signIn(),
    model: MODEL,
    keepsTutorial: true,
    pid: server.pid,
  };
  await assertModel(admin);
  const users = await makeUsers(admin, options.users);

  const levels = await measureLevels(users, options);
  const bytes = await database.bytes();
  progress("flows, 32 at once, and the server is killed");
  const kill = await killInTheMiddle(users, database, {
    kill: server.kill,
    async restart() {
      server = await startServer(start);
      return server.url;
    },
  });
  await server.stop();
  await provider.stop();
  await database.close();

  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const isGood = report({ options, startedAt, seconds, database, loadAtStart, levels, kill, bytes });
  const result = {
    startedAt,
    seconds,
    node: process.versions.node,
    cpus: cpus().map(({ model }) => model),
    load: { atStart: loadAtStart, atEnd: loadavg()[0] },
    database: database.name,
    options,
    levels,
    kill,
    bytes,
  };
  progress(`kept in ${await keepResult(ROOT, `${startedAt.toISOString()}-load`, result)}`);
  return isGood;
}

async function measureLevels(users: readonly Target[], options: LoadOptions): Promise<LevelFigures[]> {
  const [{ baseUrl, pid }] = users as [Target];
  // What a server opens with its first answers it keeps.
  const lanes = openLanes(users, 1);
  await driveFlows(lanes, { concurrency: 1, pollMs: 10, flows: 20 });
  await Promise.all(lanes.map(({ api }) => api.close()));
  const openFilesBefore = await openFilesBut(pid!, await readServerFigures(baseUrl));
  const levels: LevelFigures[] = [];
  for (const concurrency of options.levels) {
    progress(`flows, ${concurrency} at once, beside ${options.sockets} sockets`);
    const durationMs = options.minutes * 60_000;
    const { mostFlows, sockets } = options;
    levels.push(await measureLevel(users, { concurrency, durationMs, mostFlows, sockets, openFilesBefore }));
  }
  return levels;
}

/** Prints the tables; whether all goals were reached. */
function report(run: {
  options: LoadOptions;
  startedAt: Date;
  seconds: number;
  loadAtStart: number;
  database: LoadDatabase;
  levels: readonly LevelFigures[];
  kill: KillFigures;
  bytes: number;
}): boolean {
  const { options, levels, kill } = run;
  const columns = levels.map((level) => ({
    name: `${level.flows.concurrency} at once`,
    measures: levelMeasures(level),
  }));
  const killed = killMeasures(kill);
  const errors = [...levels.map(({ flows }) => flows.errors), kill.errors, kill.lost].flatMap((counts) =>
    Object.entries(counts).map(([message, count]) => `${count} × ${message}`),
  );
  const loads = `load ${run.loadAtStart.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after`;
  const said = [
    `offstage under load, ${run.database.name}, ${run.startedAt.toISOString()}, ${run.seconds} s, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, ${loads}`,
    `${options.minutes} minutes a level; ${options.users} users, ${options.sockets} sockets; ${(run.bytes / MIB).toFixed(0)} MiB on disk after the levels`,
    "",
    renderLoad("under load", columns),
    "",
    renderLoad("killed in the midst of 32 at once", [{ name: "offstage", measures: killed }]),
    ...errors,
    ...levels.flatMap(({ heard }) => heard.errors),
    ...kill.damage,
  ];
  process.stdout.write(`${said.join("\n")}\n`);
  return [...columns.map(({ measures }) => measures), killed].every(isReached);
}

const options = parseLoadOptions(process.argv.slice(2));
if (options === "help") process.stdout.write(`${LOAD_USAGE}\n`);
else {
  const longestMs = options.levels.length * options.minutes * 60_000 + ASIDE_MS;
  const limit = setTimeout(() => {
    progress(`stopped: it took over ${Math.round(longestMs / 60_000)} minutes`);
    process.exit(1);
  }, longestMs);
  const isGood = await bench(options).catch((error: unknown) => {
    progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return false;
  });
  clearTimeout(limit);
  process.exit(isGood === false ? 1 : 0);
}
