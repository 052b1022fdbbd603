import { type Kysely, sql } from "kysely";
import type { Database, Placeholder } from "../../db/database.ts";
import type { ChunkTable, ChunkVectorTable, Schema } from "../../db/schema.ts";
import { createStatement } from "../../db/statement.ts";
import { encodeVector } from "../knowledge/retrieval/vector-bytes.ts";
import { sketchOf } from "../knowledge/retrieval/vector-sketch.ts";
import type { ChunkStore } from "./store.ts";

/** PostgreSQL compares bits, which no bytes can be cast to. */
const bitsOf = (bytes: Uint8Array) => sql<Uint8Array>`('x' || encode(${bytes}, 'hex'))::varbit`;

/** The chunks of all contents, and what they are found by. */
export function createChunkStore(engine: Database["engine"]): ChunkStore {
  const insert = createStatement(engine, (kysely, param: Placeholder<Omit<ChunkTable, "id">>) =>
    kysely.insertInto("chunk").values({
      content_id: param("content_id"),
      position: param("position"),
      page: param("page"),
      start_offset: param("start_offset"),
      end_offset: param("end_offset"),
      token_count: param("token_count"),
      headings_json: param("headings_json"),
      text: param("text"),
    }),
  );
  const indexWords = createStatement(
    engine,
    (kysely, param: Placeholder<{ content_id: string; first: number; last: number }>) =>
      kysely
        .insertInto("chunk_words")
        .columns(["rowid", "headings", "text"])
        .expression(
          kysely
            .selectFrom("chunk")
            .select(["id", "headings_json", "text"])
            .where("content_id", "=", param("content_id"))
            .where("position", ">=", param("first"))
            .where("position", "<=", param("last")),
        ),
  );
  const deleteOfContent = createStatement(engine, (kysely, param: Placeholder<{ content_id: string }>) =>
    kysely.deleteFrom("chunk").where("content_id", "=", param("content_id")),
  );
  const deleteUnheld = createStatement(
    engine,
    (kysely, param: Placeholder<{ content_id: string; limit: number }>) =>
      kysely.deleteFrom("chunk").where("id", "in", (eb) =>
        eb
          .selectFrom("chunk as unheld")
          .select("unheld.id")
          .where("unheld.content_id", "=", param("content_id"))
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom("file").select("file.id").whereRef("file.content_id", "=", "unheld.content_id"),
              ),
            ),
          )
          .limit(param("limit")),
      ),
  );
  const unembedded = createStatement(
    engine,
    (kysely, param: Placeholder<{ content_id: string; embedder: string; limit: number }>) =>
      unembeddedOf(kysely, param)
        .select(["id", "headings_json", "text"])
        .orderBy("position")
        .limit(param("limit")),
  );
  const unembeddedCount = createStatement(
    engine,
    (kysely, param: Placeholder<{ content_id: string; embedder: string }>) =>
      unembeddedOf(kysely, param).select((eb) => eb.fn.countAll().as("count")),
  );
  const insertVector = createStatement(engine, (kysely, param: Placeholder<ChunkVectorTable>) =>
    kysely
      .insertInto("chunk_vector")
      .values({
        chunk_id: param("chunk_id"),
        embedder: param("embedder"),
        sketch: engine === "sqlite" ? param("sketch") : bitsOf(param("sketch")),
        vector: param("vector"),
      })
      .onConflict((conflict) =>
        conflict.column("chunk_id").doUpdateSet((eb) => ({
          embedder: eb.ref("excluded.embedder"),
          sketch: eb.ref("excluded.sketch"),
          vector: eb.ref("excluded.vector"),
        })),
      ),
  );

  return {
    async insertChunks(tx, contentId, chunks) {
      for (const chunk of chunks) {
        await tx.run(insert, {
          content_id: contentId,
          position: chunk.position,
          page: chunk.page,
          start_offset: chunk.startOffset,
          end_offset: chunk.endOffset,
          token_count: chunk.tokenCount,
          headings_json: JSON.stringify(chunk.headings),
          text: chunk.text,
        });
      }
      if (engine === "postgres" || chunks.length === 0) return;
      const positions = chunks.map(({ position }) => position);
      await tx.run(indexWords, {
        content_id: contentId,
        first: Math.min(...positions),
        last: Math.max(...positions),
      });
    },
    async deleteChunks(tx, contentId) {
      await tx.run(deleteOfContent, { content_id: contentId });
    },
    deleteUnheldChunks: (tx, contentId, limit) => tx.run(deleteUnheld, { content_id: contentId, limit }),
    async countUnembedded(tx, { contentId, embedder }) {
      return Number((await tx.first(unembeddedCount, { content_id: contentId, embedder }))?.count);
    },
    async listUnembedded(tx, { contentId, embedder, limit }) {
      const rows = await tx.all(unembedded, { content_id: contentId, embedder, limit });
      return rows.map(({ id, headings_json, text }) => ({ id, headings: JSON.parse(headings_json), text }));
    },
    async insertVectors(tx, embedder, vectors) {
      for (const { chunkId, vector } of vectors) {
        await tx.run(insertVector, {
          chunk_id: chunkId,
          embedder,
          sketch: sketchOf(vector),
          vector: encodeVector(vector),
        });
      }
    },
  };
}

function unembeddedOf(kysely: Kysely<Schema>, param: Placeholder<{ content_id: string; embedder: string }>) {
  return kysely
    .selectFrom("chunk")
    .where("content_id", "=", param("content_id"))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("chunk_vector")
            .select(sql.lit(1).as("one"))
            .whereRef("chunk_id", "=", "chunk.id")
            .where("embedder", "=", param("embedder")),
        ),
      ),
    );
}
