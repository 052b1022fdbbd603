import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { ApiKeyTable, UserTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { apiKeyColumns } from "../../db/table-columns.ts";

/** What is shown of an API key. */
export type ApiKeyFacts = Omit<ApiKeyTable, "key_hash">;

/** The keys by which programs act for users. */
export interface ApiKeyStore {
  insertApiKey(tx: Queries, key: ApiKeyTable): Promise<void>;
  /** Whose a key is, by its hash. */
  findByHash(tx: Queries, keyHash: string): Promise<{ user: UserTable; key: ApiKeyFacts } | undefined>;
  /** Oldest first. */
  listApiKeys(tx: Queries, userId: string): Promise<ApiKeyFacts[]>;
  /** Deletes one of a user's keys; resolves with whether it was there. */
  deleteApiKey(tx: Queries, userId: string, id: string): Promise<boolean>;
  noteApiKeyUse(tx: Queries, id: string, usedAtSec: number): Promise<void>;
}

const FACTS = ["id", "user_id", "name", "prefix", "is_main", "created_at_sec", "last_used_at_sec"] as const;

/** The API keys of all users; a key itself is never kept. */
export function createApiKeyStore(engine: Database["engine"]): ApiKeyStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<ApiKeyTable>) =>
    kysely.insertInto("api_key").values(placeRow(apiKeyColumns, param)),
  );
  const findKey = createStatement(engine, (kysely, param: Placeholder<{ key_hash: string }>) =>
    kysely.selectFrom("api_key").select(FACTS).where("key_hash", "=", param("key_hash")),
  );
  const findUser = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("user").selectAll().where("id", "=", param("id")),
  );
  const list = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("api_key")
      .select(FACTS)
      .where("user_id", "=", param("user_id"))
      .orderBy("created_at_sec")
      .orderBy("id"),
  );
  const remove = createStatement(engine, (kysely, param: Placeholder<{ id: string; user_id: string }>) =>
    kysely.deleteFrom("api_key").where("id", "=", param("id")).where("user_id", "=", param("user_id")),
  );
  const noteUse = createStatement(
    engine,
    (kysely, param: Placeholder<{ id: string; last_used_at_sec: number }>) =>
      kysely
        .updateTable("api_key")
        .set({ last_used_at_sec: param("last_used_at_sec") })
        .where("id", "=", param("id")),
  );

  return {
    async insertApiKey(tx, key) {
      await tx.run(insert, key);
    },
    async findByHash(tx, keyHash) {
      const key: ApiKeyFacts | undefined = await tx.first(findKey, { key_hash: keyHash });
      const user: UserTable | undefined = key && (await tx.first(findUser, { id: key.user_id }));
      return key && user && { user, key };
    },
    listApiKeys: (tx, userId) => tx.all(list, { user_id: userId }),
    deleteApiKey: async (tx, userId, id) => (await tx.run(remove, { id, user_id: userId })) > 0,
    async noteApiKeyUse(tx, id, usedAtSec) {
      await tx.run(noteUse, { id, last_used_at_sec: usedAtSec });
    },
  };
}
