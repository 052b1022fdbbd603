import type { Database, Placeholder } from "../../db/database.ts";
import type { MemoryTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { memoryColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import type { MemoryStore } from "./personal-store.ts";

/** What users want models to know. */
export function createMemoryStore(engine: Database["engine"]): MemoryStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<MemoryTable>) =>
    kysely.insertInto("memory").values(placeRow(memoryColumns, param)),
  );
  const find = createStatement(
    engine,
    (kysely, param: Placeholder<{ id: string }>) =>
      kysely.selectFrom("memory").selectAll().where("id", "=", param("id")),
    { holds: "memory" },
  );
  const list = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("memory")
      .selectAll()
      .where("user_id", "=", param("user_id"))
      .orderBy("created_at_sec")
      .orderBy("id"),
  );
  const count = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("memory")
      .select((of) => of.fn.countAll<number>().as("count"))
      .where("user_id", "=", param("user_id")),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<MemoryTable>) => {
    const { id, ...rest } = placeRow(memoryColumns, param);
    return kysely.updateTable("memory").set(rest).where("id", "=", id);
  });
  const keepVector = createStatement(
    engine,
    (kysely, param: Placeholder<{ id: string; content: string; embedder: string; vector: Uint8Array }>) =>
      kysely
        .updateTable("memory")
        .set({ embedder: param("embedder"), vector: param("vector") })
        .where("id", "=", param("id"))
        .where("content", "=", param("content")),
  );
  const dropVectors = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .updateTable("memory")
      .set({ embedder: null, vector: null })
      .where("user_id", "=", param("user_id")),
  );
  const remove = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("memory").where("id", "=", param("id")),
  );
  const removeAll = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely.deleteFrom("memory").where("user_id", "=", param("user_id")),
  );

  return {
    async insertMemory(tx, memory) {
      await tx.run(insert, memory);
    },
    findMemory: (tx, id) => tx.first(find, { id }),
    listMemories: (tx, userId) => tx.all(list, { user_id: userId }),
    async countMemories(tx, userId) {
      return Number((await tx.first(count, { user_id: userId }))?.count ?? 0);
    },
    async replaceMemory(tx, memory) {
      if ((await tx.run(replace, memory)) === 1) return;
      throw new OffstageError("not_found", `There is no memory ${memory.id} to replace.`);
    },
    async keepMemoryVector(tx, kept) {
      await tx.run(keepVector, kept);
    },
    dropMemoryVectors: (tx, userId) => tx.run(dropVectors, { user_id: userId }),
    async deleteMemory(tx, id) {
      return (await tx.run(remove, { id })) > 0;
    },
    deleteMemoriesOfUser: (tx, userId) => tx.run(removeAll, { user_id: userId }),
  };
}
