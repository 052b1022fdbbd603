import type { Database, Placeholder } from "../../db/database.ts";
import type { KnowledgeFileTable, KnowledgeTable } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { knowledgeColumns } from "../../db/table-columns.ts";
import { OffstageError } from "../../errors.ts";
import { selectFilesWithContent } from "./file-store.ts";
import { jsonTexts } from "./json-texts.ts";
import type { FileWithContent, KnowledgeStore } from "./store.ts";

type Link = Pick<KnowledgeFileTable, "knowledge_id" | "file_id">;

/** Collections, and which files are in them. */
export function createKnowledgeStore(engine: Database["engine"]): KnowledgeStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<KnowledgeTable>) =>
    kysely.insertInto("knowledge").values(placeRow(knowledgeColumns, param)),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("knowledge").selectAll().where("id", "=", param("id")),
  );
  const list = createStatement(engine, (kysely) =>
    kysely.selectFrom("knowledge").selectAll().orderBy("updated_at_sec", "desc").orderBy("id", "desc"),
  );
  const replace = createStatement(engine, (kysely, param: Placeholder<KnowledgeTable>) => {
    const { id, ...rest } = placeRow(knowledgeColumns, param);
    return kysely.updateTable("knowledge").set(rest).where("id", "=", id);
  });
  const deleteById = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.deleteFrom("knowledge").where("id", "=", param("id")),
  );
  const ofFile = createStatement(engine, (kysely, param: Placeholder<{ file_id: string }>) =>
    kysely
      .selectFrom("knowledge_file")
      .innerJoin("knowledge", "knowledge.id", "knowledge_file.knowledge_id")
      .selectAll("knowledge")
      .where("knowledge_file.file_id", "=", param("file_id")),
  );
  const links = linkStatements(engine);

  return {
    async insertKnowledge(tx, knowledge) {
      await tx.run(insert, knowledge);
    },
    findKnowledge: (tx, id) => tx.first(find, { id }),
    listKnowledge: (tx) => tx.all(list, {}),
    async replaceKnowledge(tx, knowledge) {
      if ((await tx.run(replace, knowledge)) === 1) return;
      throw new OffstageError("not_found", `There is no collection ${knowledge.id} to replace.`);
    },
    async deleteKnowledge(tx, id) {
      return (await tx.run(deleteById, { id })) > 0;
    },
    listFilesOfKnowledge: (tx, knowledgeId) => tx.all(links.files, { knowledge_id: knowledgeId }),
    async listFilesOfAll(tx, knowledgeIds) {
      const rows = await tx.all(links.filesOfAll, { knowledge_ids: JSON.stringify(knowledgeIds) });
      const byKnowledge = new Map<string, FileWithContent[]>();
      for (const { knowledge_id: id, ...file } of rows) {
        const files = byKnowledge.get(id) ?? [];
        byKnowledge.set(id, files);
        files.push(file);
      }
      return byKnowledge;
    },
    listKnowledgeOfFile: (tx, fileId) => tx.all(ofFile, { file_id: fileId }),
    async addFile(tx, { knowledgeId, fileId, addedAtSec }) {
      const link = { knowledge_id: knowledgeId, file_id: fileId, added_at_sec: addedAtSec };
      return (await tx.run(links.insert, link)) > 0;
    },
    async removeFile(tx, knowledgeId, fileId) {
      return (await tx.run(links.delete, { knowledge_id: knowledgeId, file_id: fileId })) > 0;
    },
    removeAllFiles: (tx, knowledgeId) => tx.run(links.deleteAll, { knowledge_id: knowledgeId }),
  };
}

function linkStatements(engine: Database["engine"]) {
  return {
    files: createStatement(engine, (kysely, param: Placeholder<{ knowledge_id: string }>) =>
      selectFilesWithContent(kysely)
        .innerJoin("knowledge_file", "knowledge_file.file_id", "file.id")
        .where("knowledge_file.knowledge_id", "=", param("knowledge_id"))
        .orderBy("knowledge_file.added_at_sec")
        .orderBy("file.id"),
    ),
    filesOfAll: createStatement(engine, (kysely, param: Placeholder<{ knowledge_ids: string }>) =>
      selectFilesWithContent(kysely)
        .innerJoin("knowledge_file", "knowledge_file.file_id", "file.id")
        .select("knowledge_file.knowledge_id")
        .where("knowledge_file.knowledge_id", "in", jsonTexts(engine, param("knowledge_ids")))
        .orderBy("knowledge_file.added_at_sec")
        .orderBy("file.id"),
    ),
    insert: createStatement(engine, (kysely, param: Placeholder<KnowledgeFileTable>) =>
      kysely
        .insertInto("knowledge_file")
        .values({
          knowledge_id: param("knowledge_id"),
          file_id: param("file_id"),
          added_at_sec: param("added_at_sec"),
        })
        .onConflict((conflict) => conflict.doNothing()),
    ),
    delete: createStatement(engine, (kysely, param: Placeholder<Link>) =>
      kysely
        .deleteFrom("knowledge_file")
        .where("knowledge_id", "=", param("knowledge_id"))
        .where("file_id", "=", param("file_id")),
    ),
    deleteAll: createStatement(engine, (kysely, param: Placeholder<{ knowledge_id: string }>) =>
      kysely.deleteFrom("knowledge_file").where("knowledge_id", "=", param("knowledge_id")),
    ),
  };
}
