import { randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { Readable } from "node:stream";
import { OffstageError } from "../../errors.ts";
import type { Store } from "../store/store.ts";
import type { BlobFolder, Blobs, IncomingBlob } from "./blob-folder.ts";

/** Bytes in one row: small enough to hold up nobody, large enough that a row costs little. */
const PART_BYTES = 256 * 1024;

/**
 * Blobs that all servers on one database can read: their bytes are rows there, and each server's folder has those that it
 * was sent or asked for.
 */
export function shareBlobs(
  folder: BlobFolder,
  { store, nowSec, onDelete }: { store: Store; nowSec: () => number; onDelete: (hash: string) => void },
): Blobs {
  async function storeParts(hash: string): Promise<string> {
    const setId = randomUUID();
    const bytes = createReadStream(await folder.locate(hash), { highWaterMark: PART_BYTES });
    let position = 0;
    for await (const part of bytes as AsyncIterable<Buffer>) {
      const row = { set_id: setId, position, created_at_sec: nowSec(), bytes: part };
      await store.write((tx) => store.blobs.insertPart(tx, row));
      position += 1;
    }
    return setId;
  }

  async function* partsOf(hash: string): AsyncGenerator<Uint8Array> {
    const setId = await store.blobs.findSet(store.read, hash);
    for (let position = 0; setId !== undefined; position += 1) {
      const part = await store.blobs.findPart(store.read, setId, position);
      if (part === undefined) return;
      yield part;
    }
  }

  async function locate(hash: string): Promise<string> {
    const path = await folder.locate(hash);
    if (existsSync(path)) return path;
    const copy = await folder.receive(Readable.from(partsOf(hash)), Number.MAX_SAFE_INTEGER);
    if (copy.hash !== hash) {
      await copy.drop();
      throw new OffstageError("not_found", "The bytes of this file are in the database no more.");
    }
    await copy.keep();
    return path;
  }

  /** What is kept gets its rows; they are named in the transaction that names the content. */
  function sharing(incoming: IncomingBlob): IncomingBlob {
    const { hash } = incoming;
    let setId: string | undefined;
    return {
      ...incoming,
      async keep() {
        await incoming.keep();
        if ((await store.blobs.findSet(store.read, hash)) === undefined) setId = await storeParts(hash);
      },
      async attach(tx) {
        if ((await store.blobs.findSet(tx, hash)) !== undefined) return;
        if (setId !== undefined) await store.blobs.insertBlob(tx, { hash, set_id: setId });
        else
          throw new OffstageError("unavailable", "The same file was deleted at this moment: send it again.");
      },
    };
  }

  return {
    async receive(bytes, maxBytes) {
      return sharing(await folder.receive(bytes, maxBytes));
    },
    locate,
    read: async (hash) => createReadStream(await locate(hash)),
    async hold(tx, hash) {
      await store.blobs.findSet(tx, hash);
    },
    async detach(tx, hash) {
      const setId = await store.blobs.findSet(tx, hash);
      if (setId === undefined) return;
      await store.blobs.deleteBlob(tx, hash);
      await store.blobs.deleteSet(tx, setId);
    },
    async delete(hash) {
      await folder.delete(hash);
      onDelete(hash);
    },
    exclusively: (hash, work) => folder.exclusively(hash, work),
  };
}
