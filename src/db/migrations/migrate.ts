import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { OffstageError } from "../../errors.ts";
import type { Database } from "../database.ts";
import { createFirstTables } from "./0001-first-tables.ts";
import { createKnowledgeTables } from "./0002-knowledge.ts";
import { createSearchTables } from "./0003-search.ts";
import { createOrganisingTables } from "./0004-organising.ts";
import { createModelTables } from "./0005-models.ts";
import { createPersonalTables } from "./0007-personal.ts";
import { createOriginTables } from "./0008-origin.ts";
import { createNodeTables } from "./0009-nodes.ts";
import { createQuotaTables } from "./0010-quotas.ts";
import { createSearchIndexes } from "./0012-search-indexes.ts";
import { createJournalLines } from "./0013-journal-lines.ts";

type Step = (kysely: Kysely<unknown>, engine: Database["engine"]) => Promise<void>;

/** All migrations in the order in which they run; a released one never changes. */
const steps: Record<string, Step> = {
  "0001-first-tables": createFirstTables,
  "0002-knowledge": createKnowledgeTables,
  "0003-search": createSearchTables,
  "0004-organising": createOrganisingTables,
  "0005-models": createModelTables,
  "0007-personal": createPersonalTables,
  "0008-origin": createOriginTables,
  "0009-nodes": createNodeTables,
  "0010-quotas": createQuotaTables,
  "0012-search-indexes": createSearchIndexes,
  "0013-journal-lines": createJournalLines,
};

const migrationTable = "offstage_migration";

/**
 * Brings the schema to what this version of offstage knows and resolves with what was run. The caller holds a
 * transaction that keeps other processes out, and commits it.
 * @throws OffstageError `unavailable` when a newer offstage has migrated the database.
 */
export async function migrate(kysely: Kysely<unknown>, engine: Database["engine"]): Promise<string[]> {
  const migrator = new Migrator({
    db: kysely,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(steps).map(([name, run]) => [name, { up: (db) => run(db, engine) }]),
        ),
    },
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`,
    disableTransactions: true,
    // Each adds what no other needs: one may come to a database that has a later one already.
    allowUnorderedMigrations: true,
  });
  await refuseNewer(kysely);
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return results.map((result) => result.migrationName);
}

async function refuseNewer(kysely: Kysely<unknown>): Promise<void> {
  const tables = await kysely.introspection.getTables();
  if (!tables.some((table) => table.name === migrationTable)) return;
  const typed = kysely as Kysely<{ [migrationTable]: { name: string } }>;
  const rows = await typed.selectFrom(migrationTable).select("name").orderBy("name").execute();
  const unknown = rows.filter(({ name }) => !(name in steps)).map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new OffstageError(
    "unavailable",
    `The database was changed by a newer offstage (${unknown.join(", ")}). Install that version or a later one, or restore a backup from before.`,
    { retryable: false, details: { migrations: unknown } },
  );
}
