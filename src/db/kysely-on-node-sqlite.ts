import type { DatabaseSync } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { OffstageError } from "../errors.ts";
import type { SqlValue } from "./database.ts";
import { sqliteError } from "./sqlite-error.ts";

/**
 * Lets Kysely run queries on an open node:sqlite connection, for migrations only: whoever uses it holds the connection's
 * one transaction already, so Kysely's own begin and commit are refused. Kysely's SQLite driver cannot do this: it asks
 * statements for `reader`, which node:sqlite's lack, and would return no rows.
 */
export function createNodeSqliteDialect(database: DatabaseSync): Dialect {
  const connection = new NodeSqliteConnection(database);
  const refuse = async () => {
    throw new OffstageError("internal", "Kysely may not begin or end transactions on this connection.");
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: async () => {},
      destroy: async () => {},
    }),
  };
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const statement = this.#database.prepare(sql);
      const values = parameters as readonly SqlValue[];
      if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] };
      const { changes, lastInsertRowid } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (thrown) {
      throw sqliteError(thrown);
    }
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new OffstageError("internal", "Kysely may not stream on this connection.");
  }
}
