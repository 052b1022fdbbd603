import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";

/** Where Debian puts the programs that `PATH` lacks. */
const BIN = "/usr/lib/postgresql/15/bin";
const READY_WITHIN_MS = 30_000;

/** A PostgreSQL of our own, or the one that `OFFSTAGE_TEST_POSTGRES_URL` names. */
export interface TestPostgres {
  readonly url: string;
  /** Makes an empty database and resolves with its URL. */
  createDatabase(): Promise<string>;
  /** Deletes a database that `createDatabase` made; whoever still uses it is cut off. */
  dropDatabase(url: string): Promise<void>;
  /** Stops it as an administrator would at once (`fast`), and starts it again on the same port and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Keeps commits as a real one does; by default it is as fast as it can be and forgets all at a power cut. */
  durable?: boolean;
}

/**
 * Starts the machine's PostgreSQL on a free port of 127.0.0.1, in a folder of its own, as a user without rights. Where
 * there is none it prints why, and resolves with null. Stop it: nothing stays behind.
 */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres | null> {
  const given = process.env.OFFSTAGE_TEST_POSTGRES_URL;
  if (given) return { ...databasesOf(given), restart: notOurs, stop: async () => {} };
  const missing = whyMissing();
  if (missing !== null) {
    process.stderr.write(`skipped what needs PostgreSQL: ${missing}\n`);
    return null;
  }
  const account = unprivilegedAccount();
  const folder = await mkdtemp(join(tmpdir(), "offstage-postgres-"));
  if (account.uid !== undefined) await chown(folder, account.uid, account.gid);
  const data = join(folder, "data");
  execFileSync(
    join(BIN, "initdb"),
    ["-D", data, "-U", "offstage", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
    { ...account, cwd: folder, stdio: "ignore" },
  );
  const port = await freePort();
  const start = () => startServer({ data, folder, port, durable: options.durable ?? false, account });
  let child = await start();
  const stop = () => stopServer(child);
  const killAtExit = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once("exit", killAtExit);
  return {
    ...databasesOf(`postgres://offstage@127.0.0.1:${port}/postgres`),
    async restart() {
      await stop();
      child = await start();
    },
    async stop() {
      await stop();
      process.off("exit", killAtExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function notOurs(): Promise<void> {
  throw new Error("The PostgreSQL that OFFSTAGE_TEST_POSTGRES_URL names is not restarted by tests.");
}

function whyMissing(): string | null {
  if (existsSync(join(BIN, "postgres"))) return null;
  return `there is no ${BIN}/postgres (Debian: apt install postgresql-15); or name one by OFFSTAGE_TEST_POSTGRES_URL.`;
}

/** Who runs a process; oneself where it is empty. */
type Account = { uid: number; gid: number } | { uid?: never };

/** PostgreSQL refuses to run as root. */
function unprivilegedAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

function databasesOf(url: string) {
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return {
    url,
    async createDatabase() {
      const name = `offstage_${randomUUID().replaceAll("-", "")}`;
      await run(`create database ${name} template template0`);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },
    dropDatabase: (database: string) =>
      run(`drop database ${new URL(database).pathname.slice(1)} with (force)`),
  };
}

async function startServer(place: {
  data: string;
  folder: string;
  port: number;
  durable: boolean;
  account: Account;
}): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: place.port,
    unix_socket_directories: place.folder,
    max_connections: 200,
    shared_buffers: "64MB",
    ...(place.durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(BIN, "postgres"), ["-D", place.data, ...args], {
    ...place.account,
    cwd: place.folder,
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const fail = (what: string) => reject(new Error(`PostgreSQL ${what}:\n${said.join("\n")}`));
  const timer = setTimeout(() => fail(`was not ready within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
  createInterface({ input: child.stderr! }).on("line", (line) => {
    said.push(line);
    if (said.length > 20) said.shift();
    if (line.includes("ready to accept connections")) resolve();
  });
  child.once("error", (error) => fail(`did not start (${error.message})`));
  child.once("exit", () => fail("ended"));
  try {
    await ready;
    return child;
  } finally {
    clearTimeout(timer);
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
