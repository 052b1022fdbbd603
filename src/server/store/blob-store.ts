import type { Database, Placeholder, Queries } from "../../db/database.ts";
import type { BlobPartTable, BlobTable } from "../../db/node-tables.ts";
import { createStatement } from "../../db/statement.ts";

/** The bytes of files, where servers share them by the database. */
export interface BlobStore {
  /** The parts of a blob; within a write nobody else keeps or deletes it until the write ends. */
  findSet(tx: Queries, hash: string): Promise<string | undefined>;
  insertPart(tx: Queries, part: BlobPartTable): Promise<void>;
  /** Undefined past the last one. */
  findPart(tx: Queries, setId: string, position: number): Promise<Uint8Array | undefined>;
  /** Gives a set that is stored whole its name. */
  insertBlob(tx: Queries, blob: BlobTable): Promise<void>;
  deleteBlob(tx: Queries, hash: string): Promise<void>;
  /** Blobs that no content has: those of a server that died between the two deletions. */
  listUnheld(tx: Queries): Promise<string[]>;
  deleteSet(tx: Queries, setId: string): Promise<void>;
  /** Deletes sets that no blob names and that were begun before that moment. */
  deleteUnnamedSets(tx: Queries, beganBeforeSec: number): Promise<void>;
}

/** The bytes of files in the database, in parts. */
export function createBlobStore(engine: Database["engine"]): BlobStore {
  const find = createStatement(
    engine,
    (kysely, param: Placeholder<{ hash: string }>) =>
      kysely.selectFrom("blob").select("set_id").where("hash", "=", param("hash")),
    { holds: "blob" },
  );
  const insert = createStatement(engine, (kysely, param: Placeholder<BlobTable>) =>
    kysely.insertInto("blob").values({ hash: param("hash"), set_id: param("set_id") }),
  );
  const insertPart = createStatement(engine, (kysely, param: Placeholder<BlobPartTable>) =>
    kysely.insertInto("blob_part").values({
      set_id: param("set_id"),
      position: param("position"),
      created_at_sec: param("created_at_sec"),
      bytes: param("bytes"),
    }),
  );
  const findPart = createStatement(
    engine,
    (kysely, param: Placeholder<{ set_id: string; position: number }>) =>
      kysely
        .selectFrom("blob_part")
        .select("bytes")
        .where("set_id", "=", param("set_id"))
        .where("position", "=", param("position")),
  );
  const deleteByHash = createStatement(engine, (kysely, param: Placeholder<{ hash: string }>) =>
    kysely.deleteFrom("blob").where("hash", "=", param("hash")),
  );
  const unheld = createStatement(engine, (kysely) =>
    kysely
      .selectFrom("blob")
      .select("hash")
      .where("hash", "not in", (eb) => eb.selectFrom("content").select("content.hash")),
  );
  const deleteParts = createStatement(engine, (kysely, param: Placeholder<{ set_id: string }>) =>
    kysely.deleteFrom("blob_part").where("set_id", "=", param("set_id")),
  );
  const deleteUnnamed = createStatement(engine, (kysely, param: Placeholder<{ before_sec: number }>) =>
    kysely
      .deleteFrom("blob_part")
      .where("created_at_sec", "<", param("before_sec"))
      .where("set_id", "not in", (eb) => eb.selectFrom("blob").select("blob.set_id")),
  );

  return {
    async findSet(tx, hash) {
      return (await tx.first(find, { hash }))?.set_id;
    },
    async insertPart(tx, part) {
      await tx.run(insertPart, part);
    },
    async findPart(tx, setId, position) {
      return (await tx.first(findPart, { set_id: setId, position }))?.bytes;
    },
    async insertBlob(tx, blob) {
      await tx.run(insert, blob);
    },
    async deleteBlob(tx, hash) {
      await tx.run(deleteByHash, { hash });
    },
    async listUnheld(tx) {
      return (await tx.all(unheld, {})).map(({ hash }) => hash);
    },
    async deleteSet(tx, setId) {
      await tx.run(deleteParts, { set_id: setId });
    },
    async deleteUnnamedSets(tx, beganBeforeSec) {
      await tx.run(deleteUnnamed, { before_sec: beganBeforeSec });
    },
  };
}
