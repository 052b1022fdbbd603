import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { OffstageError } from "../errors.ts";
import type { Build, Database, SqlValue, Statement } from "./database.ts";
import type { Schema } from "./schema.ts";

/** Stands in Kysely's list of parameters where a run's value goes. */
class Parameter {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const spellers: Record<Database["engine"], Kysely<Schema>> = {
  sqlite: new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  postgres: new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
};

/**
 * Spells a query in the engine's SQL, once. Annotate `param` (`param: Placeholder<{ id: string }>`) and the types of
 * both its values and its rows follow. A partial index is only used where its condition stands in the SQL itself:
 * write such constants with `sql.lit`. `holds` names the table whose rows a write decides on by this query.
 * @throws OffstageError `internal` when a constant of the query is nothing that both engines can bind.
 */
export function createStatement<Params, Row>(
  engine: Database["engine"],
  build: Build<Params, Row>,
  options: { holds?: keyof Schema } = {},
): Statement<Params, Row> {
  const placeholder = (name: string) => new Parameter(name) as never;
  const { sql, parameters } = build(spellers[engine], placeholder).compile();
  const bindings = parameters.map((value) => {
    if (value instanceof Parameter) return { param: value.name as keyof Params & string };
    if (isSqlValue(value)) return { value };
    throw new OffstageError(
      "internal",
      `A query has a constant that cannot be bound: ${String(value)} in ${sql}`,
    );
  });
  if (engine === "sqlite" || options.holds === undefined) return { sql, bindings };
  // Other tables may go on referring to the row: its key does not change.
  return { sql, bindings, holdingSql: `${sql} for no key update of "${options.holds}"` };
}

/** A placeholder for each column of a table: what an insert or an update of a whole row takes. */
export function placeRow<Row>(
  columns: Record<keyof Row & string, true>,
  param: <Name extends keyof Row & string>(name: Name) => Row[Name],
): Row {
  return Object.fromEntries(
    Object.keys(columns).map((name) => [name, param(name as keyof Row & string)]),
  ) as Row;
}

/**
 * The values of one run, in the order of the SQL's placeholders.
 * @throws OffstageError `internal` when `params` lacks a value.
 */
export function bindValues<Params>(statement: Statement<Params, unknown>, params: Params): SqlValue[] {
  return statement.bindings.map((binding) => {
    if (!("param" in binding)) return binding.value;
    const value: unknown = params[binding.param];
    if (isSqlValue(value)) return value;
    throw new OffstageError(
      "internal",
      `The value of ${binding.param} is ${typeof value}, which cannot be bound, in ${statement.sql}`,
    );
  });
}

function isSqlValue(value: unknown): value is SqlValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
      return true;
    default:
      return value === null || value instanceof Uint8Array;
  }
}
