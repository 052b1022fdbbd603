import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { SettingTable } from "../../db/schema.ts";
import { createStatement } from "../../db/statement.ts";
import type { SettingStore } from "./store.ts";

/** Settings of the server by name, each a JSON value. */
export function createSettingStore(engine: Database["engine"]): SettingStore {
  const findByName = createStatement(engine, (kysely, param: Placeholder<{ name: string }>) =>
    kysely.selectFrom("setting").select("value_json").where("name", "=", param("name")),
  );
  const put = createStatement(engine, (kysely, param: Placeholder<SettingTable>) =>
    kysely
      .insertInto("setting")
      .values({ name: param("name"), value_json: param("value_json") })
      .onConflict((conflict) =>
        conflict.column("name").doUpdateSet((eb) => ({ value_json: eb.ref("excluded.value_json") })),
      ),
  );
  const keep = createStatement(engine, (kysely, param: Placeholder<SettingTable>) =>
    kysely
      .insertInto("setting")
      .values({ name: param("name"), value_json: param("value_json") })
      .onConflict((conflict) => conflict.column("name").doNothing()),
  );

  async function findSetting(tx: Queries, name: string): Promise<unknown> {
    const row = await tx.first(findByName, { name });
    return row && JSON.parse(row.value_json);
  }

  const remove = createStatement(engine, (kysely, param: Placeholder<{ name: string }>) =>
    kysely.deleteFrom("setting").where("name", "=", param("name")),
  );

  return {
    findSetting,
    async keepSetting(tx, name, value) {
      await tx.run(keep, { name, value_json: JSON.stringify(value) });
      return findSetting(tx, name);
    },
    async putSetting(tx, name, value) {
      await tx.run(put, { name, value_json: JSON.stringify(value) });
    },
    async deleteSetting(tx, name) {
      await tx.run(remove, { name });
    },
  };
}
