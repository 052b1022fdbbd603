import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { DayUsageTable, QuotaTable } from "../../db/quota-tables.ts";
import { createStatement } from "../../db/statement.ts";

/** Whose quota it is: a user's (`holder: "user"`), or that of one of their API keys (`holder` is its id). */
export type QuotaKey = Pick<QuotaTable, "user_id" | "holder">;

export interface QuotaStore {
  /** As it was put; undefined for none. */
  findQuota(tx: Queries, key: QuotaKey): Promise<unknown>;
  /** Null takes it away. */
  putQuota(tx: Queries, key: QuotaKey, quota: unknown): Promise<void>;
  findUsage(tx: Queries, key: QuotaKey & { day: string }): Promise<{ answers: number; tokens: number }>;
  /** Adds to what a day holds already. */
  addUsage(tx: Queries, usage: DayUsageTable): Promise<void>;
  /** Takes away a quota and all that was used. */
  deleteHolder(tx: Queries, key: QuotaKey): Promise<void>;
  /** Takes away what was used on days before this one. */
  deleteUsageBefore(tx: Queries, day: string): Promise<void>;
}

type UsageKey = Pick<DayUsageTable, "user_id" | "holder" | "day">;

/** Quotas of users and their keys, and what was used of them, day by day. */
export function createQuotaStore(engine: Database["engine"]): QuotaStore {
  const find = createStatement(engine, (kysely, param: Placeholder<Pick<QuotaTable, "user_id" | "holder">>) =>
    kysely
      .selectFrom("quota")
      .select("quota_json")
      .where("user_id", "=", param("user_id"))
      .where("holder", "=", param("holder")),
  );
  const put = createStatement(engine, (kysely, param: Placeholder<QuotaTable>) =>
    kysely
      .insertInto("quota")
      .values({ user_id: param("user_id"), holder: param("holder"), quota_json: param("quota_json") })
      .onConflict((conflict) =>
        conflict
          .columns(["user_id", "holder"])
          .doUpdateSet((eb) => ({ quota_json: eb.ref("excluded.quota_json") })),
      ),
  );
  const drop = createStatement(engine, (kysely, param: Placeholder<Pick<QuotaTable, "user_id" | "holder">>) =>
    kysely.deleteFrom("quota").where("user_id", "=", param("user_id")).where("holder", "=", param("holder")),
  );
  const findUsage = createStatement(engine, (kysely, param: Placeholder<UsageKey>) =>
    kysely
      .selectFrom("day_usage")
      .select(["answers", "tokens"])
      .where("user_id", "=", param("user_id"))
      .where("holder", "=", param("holder"))
      .where("day", "=", param("day")),
  );
  const addUsage = createStatement(engine, (kysely, param: Placeholder<DayUsageTable>) =>
    kysely
      .insertInto("day_usage")
      .values({
        user_id: param("user_id"),
        holder: param("holder"),
        day: param("day"),
        answers: param("answers"),
        tokens: param("tokens"),
      })
      .onConflict((conflict) =>
        conflict.columns(["user_id", "holder", "day"]).doUpdateSet((eb) => ({
          answers: eb("day_usage.answers", "+", eb.ref("excluded.answers")),
          tokens: eb("day_usage.tokens", "+", eb.ref("excluded.tokens")),
        })),
      ),
  );
  const dropUsage = createStatement(engine, (kysely, param: Placeholder<QuotaKey>) =>
    kysely
      .deleteFrom("day_usage")
      .where("user_id", "=", param("user_id"))
      .where("holder", "=", param("holder")),
  );
  const dropBefore = createStatement(engine, (kysely, param: Placeholder<Pick<DayUsageTable, "day">>) =>
    kysely.deleteFrom("day_usage").where("day", "<", param("day")),
  );

  return {
    async findQuota(tx, key) {
      const row = await tx.first(find, key);
      return row && JSON.parse(row.quota_json);
    },
    async putQuota(tx, key, quota) {
      if (quota === null) await tx.run(drop, key);
      else await tx.run(put, { ...key, quota_json: JSON.stringify(quota) });
    },
    async findUsage(tx, key) {
      const row = await tx.first(findUsage, key);
      return { answers: Number(row?.answers ?? 0), tokens: Number(row?.tokens ?? 0) };
    },
    async addUsage(tx, usage) {
      await tx.run(addUsage, usage);
    },
    async deleteHolder(tx, key) {
      await tx.run(drop, key);
      await tx.run(dropUsage, key);
    },
    async deleteUsageBefore(tx, day) {
      await tx.run(dropBefore, { day });
    },
  };
}
