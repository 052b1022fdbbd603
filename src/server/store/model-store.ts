import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { ModelTable } from "../../db/model-tables.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { modelColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";

/** Workspace models, and the settings of providers' models. */
export interface ModelStore {
  /** @throws OffstageError `conflict` where the id is taken */
  insertModel(tx: Queries, model: ModelTable): Promise<void>;
  findModel(tx: Queries, id: string): Promise<ModelTable | undefined>;
  /** By name. */
  listModels(tx: Queries): Promise<ModelTable[]>;
  /** Writes all columns of a model that was read in the same transaction. */
  replaceModel(tx: Queries, model: ModelTable): Promise<void>;
  deleteModel(tx: Queries, id: string): Promise<boolean>;
  /** The workspace models of one user, or all models and settings; resolves with how many went. */
  deleteModels(tx: Queries, filter: { workspaceOf: string } | "all"): Promise<number>;
}

/** The models on an engine. */
export function createModelStore(engine: Database["engine"]): ModelStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<ModelTable>) =>
    kysely
      .insertInto("model")
      .values(placeRow(modelColumns, param))
      .onConflict((conflict) => conflict.doNothing()),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("model").selectAll().where("id", "=", param("id")),
  );
  const list = createStatement(engine, (kysely) =>
    kysely.selectFrom("model").selectAll().orderBy("name").orderBy("id"),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<ModelTable>) => {
    const { id, ...rest } = placeRow(modelColumns, param);
    return kysely.updateTable("model").set(rest).where("id", "=", id);
  });
  const deleteById = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("model").where("id", "=", param("id")),
  );
  const deleteAll = createStatement(engine, (kysely) => kysely.deleteFrom("model"));
  const deleteOfUser = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely.deleteFrom("model").where("user_id", "=", param("user_id")).where("base_model_id", "is not", null),
  );

  return {
    async insertModel(tx, model) {
      if ((await tx.run(insert, model)) === 1) return;
      throw new OffstageError(
        "conflict",
        `There is a model with the id "${model.id}" already: choose another.`,
      );
    },
    findModel: (tx, id) => tx.first(find, { id }),
    listModels: (tx) => tx.all(list, {}),
    async replaceModel(tx, model) {
      if ((await tx.run(replace, model)) === 1) return;
      throw new OffstageError("not_found", `There is no model ${model.id} to replace.`);
    },
    async deleteModel(tx, id) {
      return (await tx.run(deleteById, { id })) > 0;
    },
    deleteModels: (tx, filter) =>
      filter === "all" ? tx.run(deleteAll, {}) : tx.run(deleteOfUser, { user_id: filter.workspaceOf }),
  };
}
