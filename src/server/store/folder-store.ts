import type { Database, Placeholder } from "../../db/database.ts";
import type { FolderTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { folderColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import type { FolderStore } from "./store.ts";

/** The folders of all users. */
export function createFolderStore(engine: Database["engine"]): FolderStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<FolderTable>) =>
    kysely.insertInto("folder").values(placeRow(folderColumns, param)),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("folder").selectAll().where("id", "=", param("id")),
  );
  const list = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    kysely
      .selectFrom("folder")
      .selectAll()
      .where("user_id", "=", param("user_id"))
      .orderBy("name")
      .orderBy("id"),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<FolderTable>) => {
    const { id, ...rest } = placeRow(folderColumns, param);
    return kysely.updateTable("folder").set(rest).where("id", "=", id);
  });
  const remove = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("folder").where("id", "=", param("id")),
  );

  return {
    async insertFolder(tx, folder) {
      await tx.run(insert, folder);
    },
    findFolder: (tx, id) => tx.first(find, { id }),
    listFolders: (tx, userId) => tx.all(list, { user_id: userId }),
    async replaceFolder(tx, folder) {
      if ((await tx.run(replace, folder)) === 1) return;
      throw new OffstageError("not_found", `There is no folder ${folder.id} to replace.`);
    },
    async deleteFolder(tx, id) {
      return (await tx.run(remove, { id })) > 0;
    },
  };
}
