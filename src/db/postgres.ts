import { Kysely, PostgresDialect } from "kysely";
import type { PoolClient } from "pg";
import { OffstageError } from "../errors.ts";
import type { Database, Statement } from "./database.ts";
import { migrate } from "./migrations/migrate.ts";
import { postgresError } from "./postgres-error.ts";
import { importPg } from "./postgres-import.ts";
import { PostgresPool } from "./postgres-pool.ts";
import { writeTo } from "./postgres-writer.ts";
import { bindValues } from "./statement.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`, with pg's own parameters such as `sslmode`. */
  url: string;
  /** Connections for reads and writes; default 10. Two more run scans. */
  poolSize?: number;
  /** How long a connection may take to come about, and a query may wait for a free one; default 15 s. */
  connectTimeoutMs?: number;
  /** How long one query may take; default 30 s. */
  statementTimeoutMs?: number;
  /** How long one scan may take; default 10 s. */
  scanTimeoutMs?: number;
}

const SCAN_CONNECTIONS = 2;
/** A scan that waits longer for its turn is refused; the end waits for it no longer either. */
const SCAN_WAIT_MS = 5_000;
/** Several processes that start at once migrate one after another. */
const MIGRATION_LOCK = 0x6f666673;
const MIGRATION_WAIT_MS = 120_000;
/** PostgreSQL 14, the first that counts the bits by which vectors are compared. */
const OLDEST_VERSION = 14;

/**
 * Opens a PostgreSQL database and migrates it. Reads and writes share a pool; each write is a transaction. What the
 * connections, the server or others break is an `unavailable` that may be tried again; reads try again by themselves.
 * Text has no NUL characters: they are kept as U+FFFD.
 * @throws OffstageError `unavailable` when there is no connection, pg is not installed, or a newer offstage has migrated
 * the database; `bad_input` when its version or its encoding cannot be used.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const pg = await importPg();
  const { url, connectTimeoutMs = 15_000 } = options;
  const pool = new PostgresPool(pg.Pool, {
    url,
    connectTimeoutMs,
    size: options.poolSize ?? 10,
    sharesReads: true,
    statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
  });
  try {
    await pool.use(migratePostgres);
  } catch (thrown) {
    await pool.close();
    throw postgresError(thrown);
  }
  const scanPool = new PostgresPool(pg.Pool, {
    url,
    connectTimeoutMs: Math.min(connectTimeoutMs, SCAN_WAIT_MS),
    size: SCAN_CONNECTIONS,
    sharesReads: false,
    statementTimeoutMs: options.scanTimeoutMs ?? 10_000,
  });
  const query = <P, R>({ sql, bindings }: Statement<P, R>, params: P, on: PostgresPool) =>
    on.query(sql, bindValues({ sql, bindings }, params));
  let closing: Promise<unknown> | undefined;
  return {
    engine: "postgres",
    all: async (statement, params) => (await query(statement, params, pool)).rows,
    first: async (statement, params) => (await query(statement, params, pool)).rows[0],
    run: async (statement, params) => (await query(statement, params, pool)).rowCount ?? 0,
    write: (work) => writeTo(pool, work),
    scan: async (statement, params) => (await query(statement, params, scanPool)).rows,
    depths: () => Object.entries(pool.depths).map(([state, count]) => ({ queue: "database", state, count })),
    async close() {
      closing ??= Promise.all([pool.close(), scanPool.close()]);
      await closing;
    },
  };
}

/** All or nothing, and by one process at a time. */
async function migratePostgres(client: PoolClient): Promise<void> {
  await assertUsable(client);
  await client.query("begin isolation level read committed read write");
  try {
    await client.query(`set local statement_timeout = 0; set local lock_timeout = ${MIGRATION_WAIT_MS}`);
    await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const lent = { query: client.query.bind(client) as never, release: () => {} };
    await migrate(
      new Kysely({
        dialect: new PostgresDialect({ pool: { connect: async () => lent, end: async () => {} } as never }),
      }),
      "postgres",
    );
    await client.query("commit");
  } catch (thrown) {
    await client.query("rollback").catch(() => client.end());
    throw thrown;
  }
}

async function assertUsable(client: PoolClient): Promise<void> {
  const { rows } = await client.query(
    "select current_setting('server_encoding') as encoding, current_setting('server_version') as version",
  );
  const { encoding, version } = rows[0];
  if (Number.parseInt(version, 10) < OLDEST_VERSION) {
    throw new OffstageError(
      "bad_input",
      `The PostgreSQL of DATABASE_URL is version ${version}: use ${OLDEST_VERSION} or a newer one.`,
    );
  }
  if (encoding !== "UTF8") {
    throw new OffstageError(
      "bad_input",
      `The database of DATABASE_URL is encoded in ${encoding}: make one with \`create database … encoding 'UTF8' template template0\`.`,
    );
  }
}
