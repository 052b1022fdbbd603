import { type Kysely, sql } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { ContentTable, Schema } from "../../db/schema.ts";
import { createStatement, placeRow } from "../../db/statement.ts";
import { contentColumns } from "../../db/table-columns.ts";
import type { ContentFacts, ContentStore } from "./store.ts";

const FACTS = Object.keys(contentColumns).filter((name) => name !== "text") as (keyof ContentFacts)[];

/** What files hold. */
export function createContentStore(engine: Database["engine"]): ContentStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<ContentTable>) =>
    kysely.insertInto("content").values(placeRow(contentColumns, param)),
  );
  const find = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("content").select(FACTS).where("id", "=", param("id")),
  );
  const findText = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    kysely.selectFrom("content").select("text").where("id", "=", param("id")),
  );
  const deleteUnheld = createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
    deleteUnheldFrom(kysely).where("id", "=", param("id")),
  );
  const deleteAllUnheld = createStatement(engine, deleteUnheldFrom);
  const findByHash = createStatement(engine, (kysely, param: Placeholder<{ hash: string }>) =>
    kysely.selectFrom("content").select("id").where("hash", "=", param("hash")).limit(sql.lit(1)),
  );
  const hashes = createStatement(engine, (kysely) => kysely.selectFrom("content").select("hash").distinct());
  const processing = createStatement(engine, (kysely) =>
    kysely
      .selectFrom("content")
      .select(FACTS)
      .where("status", "=", "processing")
      .orderBy("created_at_sec")
      .orderBy("id"),
  );
  const embeddedByOthers = createStatement(
    engine,
    (kysely, param: Placeholder<{ embedder: string; limit: number }>) =>
      kysely
        .selectFrom("content")
        .select(FACTS)
        .where("status", "=", "processed")
        .where((eb) => eb.or([eb("embedder", "is", null), eb("embedder", "<>", param("embedder"))]))
        .orderBy("created_at_sec")
        .orderBy("id")
        .limit(param("limit")),
  );
  const ends = endStatements(engine);

  return {
    async insertContent(tx, content) {
      await tx.run(insert, content);
    },
    findContent: (tx, id) => tx.first(find, { id }),
    async findContentText(tx, id) {
      return (await tx.first(findText, { id }))?.text ?? null;
    },
    async keepText(tx, id, read) {
      await tx.run(ends.keepText, { id, ...read });
    },
    async finishContent(tx, id, end) {
      await tx.run(ends.finish, { id, ...end });
    },
    async failContent(tx, id, end) {
      await tx.run(ends.fail, { id, ...end });
    },
    async noteDelay(tx, id, error) {
      await tx.run(ends.noteDelay, { id, error });
    },
    async restartContent(tx, id) {
      await tx.run(ends.restart, { id });
    },
    async deleteUnheldContent(tx, id) {
      return (await tx.run(deleteUnheld, { id })) > 0;
    },
    async deleteUnheldContents(tx) {
      await tx.run(deleteAllUnheld, {});
    },
    async listHashes(tx) {
      return (await tx.all(hashes, {})).map(({ hash }) => hash);
    },
    async isHashHeld(tx, hash) {
      return (await tx.first(findByHash, { hash })) !== undefined;
    },
    listProcessing: (tx) => tx.all(processing, {}),
    listEmbeddedByOthers: (tx, embedder, limit) => tx.all(embeddedByOthers, { embedder, limit }),
  };
}

function deleteUnheldFrom(kysely: Kysely<Schema>) {
  return kysely
    .deleteFrom("content")
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom("file").select("file.id").whereRef("file.content_id", "=", "content.id")),
      ),
    );
}

function endStatements(engine: Database["engine"]) {
  return {
    keepText: createStatement(
      engine,
      (
        kysely,
        param: Placeholder<{ id: string; text: string; page_count: number | null; chunk_count: number }>,
      ) =>
        kysely
          .updateTable("content")
          .set({
            text: param("text"),
            page_count: param("page_count"),
            chunk_count: param("chunk_count"),
          })
          .where("id", "=", param("id")),
    ),
    finish: createStatement(
      engine,
      (kysely, param: Placeholder<{ id: string; embedder: string | null; processed_at_sec: number }>) =>
        kysely
          .updateTable("content")
          .set({
            status: "processed",
            error: null,
            embedder: param("embedder"),
            processed_at_sec: param("processed_at_sec"),
          })
          .where("id", "=", param("id")),
    ),
    fail: createStatement(
      engine,
      (kysely, param: Placeholder<{ id: string; error: string; processed_at_sec: number }>) =>
        kysely
          .updateTable("content")
          .set({ status: "error", error: param("error"), processed_at_sec: param("processed_at_sec") })
          .where("id", "=", param("id"))
          .where("status", "=", "processing"),
    ),
    noteDelay: createStatement(engine, (kysely, param: Placeholder<{ id: string; error: string }>) =>
      kysely
        .updateTable("content")
        .set({ error: param("error") })
        .where("id", "=", param("id"))
        .where("status", "=", "processing"),
    ),
    restart: createStatement(engine, (kysely, param: Placeholder<{ id: string }>) =>
      kysely
        .updateTable("content")
        .set({ status: "processing", error: null, processed_at_sec: null })
        .where("id", "=", param("id")),
    ),
  };
}
