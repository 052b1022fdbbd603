import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../src/server/index.ts";
import { eventually } from "./eventually.ts";
import { type Caller, createCaller } from "./http.ts";
import { startPostgres } from "./postgres.ts";
import { type ProviderOptions, startProvider, type TestProvider } from "./provider.ts";

/** Password of every user that a stage makes. */
export const PASSWORD = "correct horse battery";

export interface StageOptions {
  server?: Partial<Parameters<typeof startServer>[0]>;
  provider?: Partial<ProviderOptions>;
}

/** A server on an empty data folder, the provider behind it, and the people who use it. */
export interface Stage {
  url: string;
  dataDir: string;
  /** The server's PostgreSQL, where the tests run on one. */
  databaseUrl: string | undefined;
  provider: TestProvider;
  /** The first to sign up, so an admin. */
  owner: Caller;
  /** Makes a plain user; `name` is also the e-mail's local part. */
  addUser(name: string): Promise<Caller>;
  /** Stops everything. Rejects if sockets, requests to the provider or workers stay behind. */
  close(): Promise<void>;
}

/** An empty database on the PostgreSQL of `scripts/postgres.ts`, where the tests run on it; else null. */
async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> } | null> {
  if (process.env.OFFSTAGE_TEST_DATABASE !== "postgres") return null;
  if (!process.env.OFFSTAGE_TEST_POSTGRES_URL)
    throw new Error(
      "OFFSTAGE_TEST_DATABASE=postgres needs a PostgreSQL: run it by node scripts/postgres.ts.",
    );
  const postgres = await startPostgres();
  const url = await postgres!.createDatabase();
  return { url, drop: () => postgres!.dropDatabase(url) };
}

/** Starts a stage. Its provider refuses whatever OpenAI's would, so that a field that leaks fails its test. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const handlesBefore = countHandles();
  const provider = await startProvider({ strict: true, ...options.provider });
  const dataDir = await mkdtemp(join(tmpdir(), "offstage-stage-"));
  const database = await createDatabase();
  const server = await startServer({
    dataDir,
    ...(database ? { databaseUrl: database.url } : {}),
    host: "127.0.0.1",
    port: 0,
    openai: [{ baseUrl: provider.url, apiKey: "provider-key" }],
    local: false,
    embedder: { kind: "openai", baseUrl: provider.url, apiKey: "provider-key", model: "text-embedding-test" },
    log: "silent",
    ...options.server,
  });
  const owner = await signUp(server.url, "owner");
  return {
    url: server.url,
    dataDir,
    databaseUrl: database?.url,
    provider,
    owner,
    async addUser(name) {
      const added = await owner.post("/api/v1/auths/add", { ...account(name), role: "user" });
      if (added.status !== 200) throw new Error(`adding ${name}: ${added.status} ${added.text}`);
      return signIn(server.url, name);
    },
    async close() {
      await server.close();
      await eventually("the server lets go of the provider", () => provider.open.now === 0, 2_000);
      await provider.close();
      await database?.drop();
      await rm(dataDir, { recursive: true, force: true });
      await eventually(
        `no more open handles than before (${handlesBefore})`,
        () => countHandles() <= handlesBefore,
        5_000,
      );
    },
  };
}

/** The name, e-mail and password of a test user. */
export function account(name: string) {
  return { name, email: `${name}@example.org`, password: PASSWORD };
}

/** Signs the first user of a server up. */
export async function signUp(baseUrl: string, name: string): Promise<Caller> {
  return callerOf(baseUrl, await createCaller(baseUrl, "").post("/api/v1/auths/signup", account(name)));
}

/** A further session of a user. */
export async function signIn(baseUrl: string, name: string): Promise<Caller> {
  const { email, password } = account(name);
  return callerOf(baseUrl, await createCaller(baseUrl, "").post("/api/v1/auths/signin", { email, password }));
}

function callerOf(baseUrl: string, reply: Awaited<ReturnType<Caller["post"]>>): Caller {
  if (reply.status !== 200) throw new Error(`signing in: ${reply.status} ${reply.text}`);
  return createCaller(baseUrl, reply.body.token);
}

const COUNTED = new Set(["TCPServerWrap", "TCPSocketWrap", "PipeWrap", "Worker", "MessagePort"]);

function countHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => COUNTED.has(kind)).length;
}
