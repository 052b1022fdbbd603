import type { Kysely } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { FileTable, Schema } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { fileColumns } from "../../db/table-columns.ts";
import type { FileStore } from "./store.ts";

/** Files with what is known of what they hold. */
export function selectFilesWithContent(kysely: Kysely<Schema>) {
  return kysely
    .selectFrom("file")
    .innerJoin("content", "content.id", "file.content_id")
    .selectAll("file")
    .select([
      "content.hash",
      "content.size_bytes",
      "content.status",
      "content.error",
      "content.page_count",
      "content.name as content_name",
    ]);
}

/** The files of all users. */
export function createFileStore(engine: Database["engine"]): FileStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<FileTable>) =>
    kysely.insertInto("file").values(placeRow(fileColumns, param)),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    selectFilesWithContent(kysely).where("file.id", "=", param("id")),
  );
  const hold = createStatement(
    engine,
    (kysely, param: Placeholder<{ id: string }>) =>
      kysely.selectFrom("file").select("id").where("id", "=", param("id")),
    { holds: "file" },
  );
  const ofUser = createStatement(engine, (kysely, param: Placeholder<{ user_id: string }>) =>
    selectFilesWithContent(kysely)
      .where("file.user_id", "=", param("user_id"))
      .orderBy("file.created_at_sec")
      .orderBy("file.id"),
  );
  const move = createStatement(
    engine,
    (kysely, param: Placeholder<Pick<FileTable, "id" | "content_id" | "updated_at_sec">>) =>
      kysely
        .updateTable("file")
        .set({ content_id: param("content_id"), updated_at_sec: param("updated_at_sec") })
        .where("id", "=", param("id")),
  );
  const deleteById = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("file").where("id", "=", param("id")),
  );

  return {
    async insertFile(tx, file) {
      await tx.run(insert, file);
    },
    async holdFile(tx, id) {
      await tx.first(hold, { id });
    },
    findFile: (tx, id) => tx.first(find, { id }),
    listFilesOfUser: (tx, userId) => tx.all(ofUser, { user_id: userId }),
    async moveFileToContent(tx, id, change) {
      await tx.run(move, { id, ...change });
    },
    async deleteFile(tx, id) {
      return (await tx.run(deleteById, { id })) > 0;
    },
  };
}
