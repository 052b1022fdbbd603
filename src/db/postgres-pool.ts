import pRetry from "p-retry";
import type { Pool, PoolClient, PoolConfig, QueryResult } from "pg";
import type { SqlValue } from "./database.ts";
import { isConnectionLost, postgresError } from "./postgres-error.ts";
import { SharedConnection } from "./postgres-shared-connection.ts";
import { storable, valueTypes } from "./postgres-values.ts";
import { databaseClosed } from "./sqlite-error.ts";

export interface PostgresPoolOptions {
  url: string;
  /** Connections at most. */
  size: number;
  /** Milliseconds that a connection may take to come about, and a query may wait for a free one. */
  connectTimeoutMs: number;
  /** Milliseconds that one query may take. */
  statementTimeoutMs: number;
  /**
   * Whether reads share connections, and are waited for at the end. Else each has one of its own, however long it takes,
   * and the end cuts it off.
   */
  sharesReads: boolean;
}

const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
/** An idle connection is given back after this time. */
const IDLE_MS = 60_000;
/** A long read holds up those behind it on one of them only. */
const SHARED_CONNECTIONS = 2;

/** A read is made again where its connection was lost. */
const AFTER_LOSS = { retries: 2, minTimeout: 20, factor: 4, randomize: true };

/** The name under which each connection prepares a query; all of them are spelled when the server starts. */
const names = new Map<string, string>();

/**
 * Runs a prepared query on a connection. Rows, or a command's count.
 * @throws what pg throws
 */
export function runOn(
  client: PoolClient,
  sql: string,
  values: readonly SqlValue[],
): Promise<QueryResult<never>> {
  let name = names.get(sql);
  if (name === undefined) {
    name = `offstage_${names.size}`;
    names.set(sql, name);
  }
  const query = { name, text: sql, values: values.map(storable) };
  return new Promise((resolve, reject) => {
    client.query<never>(query, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** Connections to one PostgreSQL. What is read outside of a write cannot write: sessions are read-only until told otherwise. */
export class PostgresPool {
  readonly #pool: Pool;
  /** Empty where each read has a connection of its own. */
  readonly #shared: readonly SharedConnection[];
  readonly #busy = new Set<PoolClient>();
  /** What is under way and waited for by `close`. */
  readonly #uses = new Set<Promise<unknown>>();
  readonly #isCutAtClose: boolean;
  /** Has all that is read in this turn of the event loop; null before the first. */
  #sharedNow: SharedConnection | null = null;
  #closed = false;

  constructor(PoolClass: typeof Pool, options: PostgresPoolOptions) {
    this.#pool = new PoolClass({
      ...connectionOf(options),
      max: options.size,
      idleTimeoutMillis: IDLE_MS,
    });
    this.#isCutAtClose = !options.sharesReads;
    const sharedCount = options.sharesReads ? Math.min(SHARED_CONNECTIONS, options.size - 1) : 0;
    this.#shared = Array.from({ length: sharedCount }, () => new SharedConnection(() => this.#connect()));
    // A connection that breaks fails its query, or leaves the pool where it had none: there is nothing else to tell.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => client.on("error", () => {}));
    this.#pool.on("acquire", (client) => this.#busy.add(client));
    this.#pool.on("release", (_error, client) => this.#busy.delete(client));
  }

  /** Runs a read. @throws OffstageError */
  async query(sql: string, values: readonly SqlValue[]): Promise<QueryResult<never>> {
    try {
      return await pRetry(() => this.#read((client) => runOn(client, sql, values)), {
        ...AFTER_LOSS,
        shouldRetry: ({ error }) => !this.#closed && isConnectionLost(error),
      });
    } catch (thrown) {
      throw this.#closed ? databaseClosed(thrown) : postgresError(thrown);
    }
  }

  /** Lends a connection. @throws OffstageError where there is none in time; what `work` throws */
  use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#track(() => this.#lend(work));
  }

  /** Connections, and how many ask for one. */
  get depths(): { connected: number; idle: number; waiting: number } {
    const { totalCount: connected, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { connected, idle, waiting };
  }

  /** Takes no more, and resolves when nothing is under way. Call it once. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#isCutAtClose) for (const client of this.#busy) client.end().catch(() => {});
    await Promise.allSettled(this.#uses);
    await Promise.all(this.#shared.map((connection) => connection.close()));
    await this.#pool.end();
  }

  #read(query: (client: PoolClient) => Promise<QueryResult<never>>): Promise<QueryResult<never>> {
    const shared = this.#sharedOfTurn();
    return shared === null ? this.use(query) : this.#track(() => shared.read(query));
  }

  /** One connection for each turn, so that what is asked for together goes out together, and is read in that order. */
  #sharedOfTurn(): SharedConnection | null {
    if (this.#sharedNow !== null) return this.#sharedNow;
    const [first, ...others] = this.#shared;
    if (first === undefined) return null;
    this.#sharedNow = others.reduce((a, b) => (b.underWay < a.underWay ? b : a), first);
    setImmediate(() => {
      this.#sharedNow = null;
    });
    return this.#sharedNow;
  }

  async #track<T>(use: () => Promise<T>): Promise<T> {
    if (this.#closed) throw databaseClosed();
    const using = use();
    this.#uses.add(using);
    try {
      return await using;
    } finally {
      this.#uses.delete(using);
    }
  }

  /** The pool lets go of a connection that was lost by itself. */
  async #lend<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (thrown) {
      throw postgresError(thrown);
    }
  }
}

function connectionOf({
  url,
  connectTimeoutMs,
  statementTimeoutMs,
  sharesReads,
}: PostgresPoolOptions): PoolConfig {
  return {
    connectionString: url,
    types: valueTypes,
    // A query goes out behind the one before it, without waiting for its answer; pg waits for all of them at the end.
    pipeline: sharesReads,
    keepAlive: true,
    application_name: "offstage",
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // A scan is worth a plan for its own values, such as how many contents it looks through.
    options: `-c default_transaction_read_only=on -c jit=off${sharesReads ? "" : " -c plan_cache_mode=force_custom_plan"}`,
  };
}
